
/*
 * The formats by concern: each tells whether str is of it.
 */


#ifndef _EVENTS_FORMAT_INTERNAL_H_INCLUDED_
#define _EVENTS_FORMAT_INTERNAL_H_INCLUDED_


#include "events_format.h"


#define events_format_digit(ch)   ((u_char) ((ch) - '0') <= 9)
#define events_format_letter(ch)  ((u_char) (((ch) | 0x20) - 'a') <= 25)


/* events_format_date.c */

int events_format_date_time(const events_str_t *str);
int events_format_date(const events_str_t *str);
int events_format_time(const events_str_t *str);
int events_format_duration(const events_str_t *str);

/* events_format_net.c */

int events_format_hostname(const events_str_t *str);
int events_format_ipv4(const events_str_t *str);
int events_format_ipv6(const events_str_t *str);
int events_format_email(const events_str_t *str);

/* events_format_idn.c: without "xn--"; linear, for a label is short */

int events_format_a_label(const u_char *p, size_t len);

/* events_format_uri.c */

int events_format_uri(const events_str_t *str);
int events_format_uri_reference(const events_str_t *str);

/* events_format.c: 1 for what is not a hex digit */

extern const u_char  events_format_not_hex[256];


#endif /* _EVENTS_FORMAT_INTERNAL_H_INCLUDED_ */
