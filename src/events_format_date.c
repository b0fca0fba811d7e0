
#include "events_format_internal.h"


typedef struct {
    unsigned  year;
    unsigned  month;
    unsigned  day;
} events_format_date_t;


static int events_format_full_date(const unsigned char *p,
    events_format_date_t *date);
static int events_format_full_time(const unsigned char *p, size_t len,
    const events_format_date_t *date);
static int events_format_offset(const unsigned char *p, size_t len,
    int *minutes);
static int events_format_leap_second(int minute,
    const events_format_date_t *date);
static events_inline int events_format_within(const u_char *p,
    const char *least, const char *most);
static events_inline unsigned events_format_two(const u_char *p);
static unsigned events_format_month_days(const events_format_date_t *date);
static const u_char *events_format_amounts(const u_char *p,
    const u_char *last, const char *units);


/* RFC 3339, section 5.6; its note lets "t" and "z" be small */

int
events_format_date_time(const events_str_t *str)
{
    events_format_date_t   date;
    const unsigned char   *p;

    p = str->data;

    if (str->len < sizeof("2026-01-01T00:00:00Z") - 1 || (p[10] | 0x20) != 't')
    {
        return 0;
    }

    return events_format_full_date(p, &date)
           && events_format_full_time(p + 11, str->len - 11, &date);
}


int
events_format_date(const events_str_t *str)
{
    events_format_date_t  date;

    return str->len == sizeof("2026-01-01") - 1
           && events_format_full_date(str->data, &date);
}


int
events_format_time(const events_str_t *str)
{
    return str->len >= sizeof("00:00:00Z") - 1
           && events_format_full_time(str->data, str->len, NULL);
}


static int
events_format_full_date(const unsigned char *p, events_format_date_t *date)
{
    if (!events_format_within(p, "0000-00-", "9999-99-")
        || !events_format_digit(p[8]) || !events_format_digit(p[9]))
    {
        return 0;
    }

    date->year = events_format_two(p) * 100 + events_format_two(p + 2);
    date->month = events_format_two(p + 5);
    date->day = events_format_two(p + 8);

    return date->month >= 1 && date->month <= 12
           && date->day >= 1 && date->day <= events_format_month_days(date);
}


/* len is that of the shortest time, or more; date is NULL for a bare time */

static int
events_format_full_time(const unsigned char *p, size_t len,
    const events_format_date_t *date)
{
    int       offset;
    size_t    n;
    unsigned  hour, minute, second;

    if (!events_format_within(p, "00:00:00", "99:99:99")) {
        return 0;
    }

    hour = events_format_two(p);
    minute = events_format_two(p + 3);
    second = events_format_two(p + 6);

    if (hour > 23 || minute > 59 || second > 60) {
        return 0;
    }

    n = 8;

    if (p[n] == '.') {

        for (n++; n < len && (unsigned char) (p[n] - '0') < 10; n++) {
            /* void */
        }

        if (n == 9) {
            return 0;
        }
    }

    if (!events_format_offset(p + n, len - n, &offset)) {
        return 0;
    }

    return second < 60
           || events_format_leap_second(hour * 60 + minute - offset, date);
}


static int
events_format_offset(const unsigned char *p, size_t len, int *minutes)
{
    unsigned  hour, minute;

    *minutes = 0;

    if (len == 1) {
        return (*p | 0x20) == 'z';
    }

    if (len != 6 || (p[0] != '+' && p[0] != '-') || p[3] != ':'
        || !events_format_digit(p[1]) || !events_format_digit(p[2])
        || !events_format_digit(p[4]) || !events_format_digit(p[5]))
    {
        return 0;
    }

    hour = events_format_two(p + 1);
    minute = events_format_two(p + 4);

    if (hour > 23 || minute > 59) {
        return 0;
    }

    *minutes = hour * 60 + minute;

    if (p[0] == '-') {
        *minutes = -*minutes;
    }

    return 1;
}


/*
 * RFC 3339, section 5.7 and appendix D: a leap second is 23:59:60 in UTC, and
 * ends June or December.  minute is that of UTC, from the local day's start:
 * the last of that day or, east of Greenwich, of the day before.
 */

static int
events_format_leap_second(int minute, const events_format_date_t *date)
{
    unsigned  month;

    if (minute != 1439 && minute != -1) {
        return 0;
    }

    if (date == NULL) {
        return 1;
    }

    month = date->month;

    if (minute == -1) {

        if (date->day != 1) {
            return 0;
        }

        month = (month == 1) ? 12 : month - 1;

    } else if (date->day != events_format_month_days(date)) {
        return 0;
    }

    return month == 6 || month == 12;
}


/*
 * Whether eight bytes have digits where least has zeroes, and most nines, and
 * what both have elsewhere.  All at once: a byte beyond its bounds sets its
 * highest bit, and no bit of another one.
 */

static events_inline int
events_format_within(const u_char *p, const char *least, const char *most)
{
    uint64_t  x, low, high;

    memcpy(&x, p, 8);
    memcpy(&low, least, 8);
    memcpy(&high, most, 8);

    x ^= low;

    return ((x | (x + (0x7f7f7f7f7f7f7f7f - (low ^ high))))
            & 0x8080808080808080) == 0;
}


static events_inline unsigned
events_format_two(const u_char *p)
{
    return (p[0] - '0') * 10 + (p[1] - '0');
}


static unsigned
events_format_month_days(const events_format_date_t *date)
{
    static const unsigned char  days[] = {
        31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31
    };

    if (date->month == 2 && date->year % 4 == 0
        && (date->year % 100 != 0 || date->year % 400 == 0))
    {
        return 29;
    }

    return days[date->month - 1];
}


/*
 * RFC 3339, appendix A: P3W, P1Y2M3D, PT4H5M6S, P3DT4H; no unit may be left
 * out between two others
 */

int
events_format_duration(const events_str_t *str)
{
    const u_char  *p, *last;

    p = str->data;
    last = p + str->len;

    if (p == last || (*p++ | 0x20) != 'p') {
        return 0;
    }

    if (p < last && (last[-1] | 0x20) == 'w') {
        return events_format_amounts(p, last, "w") == last;
    }

    if (p < last && (*p | 0x20) != 't') {
        p = events_format_amounts(p, last, "ymd");

        if (p == NULL || p == last) {
            return p != NULL;
        }
    }

    return p < last && (*p | 0x20) == 't'
           && events_format_amounts(p + 1, last, "hms") == last;
}


/* one amount or more, of units that follow one another; NULL: there is none */

static const u_char *
events_format_amounts(const u_char *p, const u_char *last, const char *units)
{
    const char  *unit;

    unit = NULL;

    while (p < last && events_format_digit(*p)) {

        while (p < last && events_format_digit(*p)) {
            p++;
        }

        if (p == last) {
            return NULL;
        }

        if (unit == NULL) {
            unit = strchr(units, *p | 0x20);

            if (unit == NULL) {
                return NULL;
            }

        } else if (*++unit != (*p | 0x20)) {
            return NULL;
        }

        p++;

        if (unit[1] == '\0') {
            return p;
        }
    }

    return unit ? p : NULL;
}
