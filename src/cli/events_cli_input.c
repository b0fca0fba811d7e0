
#include "events_cli.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>


/* room for a text whose size is not known, to begin with */
#define EVENTS_CLI_TEXT_SIZE  (1024 * 1024)


static ssize_t events_cli_input_read(events_cli_input_t *input, u_char *dst,
    size_t size);
static int events_cli_input_is_stdin(const char *name);
static int events_cli_input_is_named(const char *name, const char *end);
static const u_char *events_cli_input_skip(const u_char *p,
    const u_char *last);
static const u_char *events_cli_input_line(const u_char *p,
    const u_char *last, int *closed);


uint64_t
events_cli_input_size(const char *name)
{
    struct stat  st;

    if ((events_cli_input_is_stdin(name) ? fstat(STDIN_FILENO, &st)
                                         : stat(name, &st)) != 0
        || !S_ISREG(st.st_mode))
    {
        return 0;
    }

    return st.st_size;
}


int
events_cli_input_open(events_cli_input_t *input, const char *name, size_t size)
{
    if (input->data == NULL) {
        input->data = malloc(size);
        if (input->data == NULL) {
            return 0;
        }

        input->size = size;
    }

    input->pos = 0;
    input->last = 0;
    input->eof = 0;
    input->name = name;
    input->expected = events_cli_input_size(name);

    input->fd = events_cli_input_is_stdin(name) ? STDIN_FILENO
                                                : open(name, O_RDONLY);

    return input->fd != -1;
}


void
events_cli_input_close(events_cli_input_t *input)
{
    if (input->fd != STDIN_FILENO) {
        close(input->fd);
    }
}


int
events_cli_input_more(events_cli_input_t *input)
{
    ssize_t  n;

    if (input->pos > 0) {
        memmove(input->data, input->data + input->pos,
                input->last - input->pos);
        input->last -= input->pos;
        input->pos = 0;
    }

    n = events_cli_input_read(input, input->data + input->last,
                              input->size - input->last);

    if (n < 0) {
        return 0;
    }

    input->last += n;

    return 1;
}


u_char *
events_cli_input_rest(events_cli_input_t *input, size_t *len, size_t max)
{
    size_t    size, have;
    u_char   *text, *more;
    ssize_t   n;

    if (input->expected > max) {
        errno = EFBIG;
        return NULL;
    }

    have = input->last - input->pos;
    size = EVENTS_CLI_TEXT_SIZE;

    /* a byte more than there should be, to see the end without growing */

    if (size <= input->expected) {
        size = input->expected + 1;
    }

    if (size <= have) {
        size = have + 1;
    }

    text = malloc(size);
    if (text == NULL) {
        return NULL;
    }

    memcpy(text, input->data + input->pos, have);
    input->pos = input->last;

    while (!input->eof) {

        if (have == size) {
            more = realloc(text, 2 * size);
            if (more == NULL) {
                break;
            }

            text = more;
            size *= 2;
        }

        n = events_cli_input_read(input, text + have, size - have);

        if (n < 0) {
            break;
        }

        have += n;

        if (have > max) {
            errno = EFBIG;
            break;
        }
    }

    if (!input->eof) {
        free(text);
        return NULL;
    }

    *len = have;

    return text;
}


static ssize_t
events_cli_input_read(events_cli_input_t *input, u_char *dst, size_t size)
{
    ssize_t  n;

    do {
        n = events_cli_stopped() ? 0 : read(input->fd, dst, size);
    } while (n < 0 && errno == EINTR);

    if (n == 0) {
        input->eof = 1;
    }

    return n;
}


static int
events_cli_input_is_stdin(const char *name)
{
    return strcmp(name, "-") == 0;
}


/*
 * Names tell more than bytes do where a first line is broken; only those that
 * mean lines do, because lines are often called ".json" too.
 */

events_cli_framing_e
events_cli_input_detect(const events_cli_input_t *input)
{
    int            closed;
    u_char         end;
    const u_char  *p, *start, *last;

    if (events_cli_input_is_named(input->name, ".ndjson")
        || events_cli_input_is_named(input->name, ".jsonl"))
    {
        return EVENTS_CLI_LINES;
    }

    last = input->data + input->last;
    start = events_cli_input_skip(input->data + input->pos, last);

    if (start == last) {
        return EVENTS_CLI_DETECT;
    }

    if (*start != '{') {
        return (*start == '[') ? EVENTS_CLI_TEXT : EVENTS_CLI_LINES;
    }

    p = events_cli_input_line(start, last, &closed);

    if (closed) {
        return EVENTS_CLI_LINES;
    }

    /* the first line ends within an object: what does the next begin with? */

    if (events_cli_input_skip(p, last) == last) {
        return EVENTS_CLI_DETECT;
    }

    do {
        end = *--p;
    } while (end == ' ' || end == '\t' || end == '\r');

    if (strchr("{[,:", end) != NULL) {
        return EVENTS_CLI_TEXT;
    }

    return *events_cli_input_skip(p + 1, last) == '{' ? EVENTS_CLI_LINES
                                                      : EVENTS_CLI_TEXT;
}


static int
events_cli_input_is_named(const char *name, const char *end)
{
    size_t  n, len;

    n = strlen(name);
    len = strlen(end);

    return n > len && strcmp(name + n - len, end) == 0;
}


static const u_char *
events_cli_input_skip(const u_char *p, const u_char *last)
{
    while (p < last
           && (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n'))
    {
        p++;
    }

    return p;
}


/* the end of the line, and whether the object that it begins is closed there */

static const u_char *
events_cli_input_line(const u_char *p, const u_char *last, int *closed)
{
    int       string;
    unsigned  depth;

    string = 0;
    depth = 0;
    *closed = 0;

    for ( /* void */ ; p < last && *p != '\n'; p++) {

        if (*p == '"') {
            string = !string;

        } else if (string) {
            p += (*p == '\\' && p + 1 < last && p[1] != '\n');

        } else if (*p == '{' || *p == '[') {
            depth++;

        } else if ((*p == '}' || *p == ']') && --depth == 0) {
            *closed = 1;
            break;
        }
    }

    return p;
}
