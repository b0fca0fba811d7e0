
#include "events_limit.h"


static uint64_t events_limit_time(const events_limit_t *limit, uint64_t units);


uint64_t
events_limit_rate(const events_str_t *text)
{
    size_t         i, len;
    uint64_t       n;
    const u_char  *data;

    data = text->data;

    if (text->len < 4 || data[text->len - 3] != 'e'
        || data[text->len - 2] != '/')
    {
        return 0;
    }

    len = text->len - 3;
    n = 0;

    for (i = 0; i < len; i++) {

        if (data[i] < '0' || data[i] > '9') {
            return 0;
        }

        n = n * 10 + (data[i] - '0');

        if (n > EVENTS_LIMIT_MAX) {
            return 0;
        }
    }

    switch (data[text->len - 1]) {

    case 's':
        return n * (EVENTS_LIMIT_UNITS / 1000);

    case 'm':
        return n;

    default:
        return 0;
    }
}


void
events_limit_drain(const events_limit_t *limit, events_limit_state_t *state,
    uint64_t now)
{
    uint64_t  elapsed;

    if (now < state->time) {

        /* workers read the clock at different times: the later one counts */

        if (state->time - now > EVENTS_LIMIT_SKEW) {
            state->time = now;
        }

        return;
    }

    elapsed = now - state->time;

    state->time = now;

    /* divided, because a product might not fit */

    if (elapsed > state->level / limit->rate) {
        state->level = 0;

    } else {
        state->level -= elapsed * limit->rate;
    }
}


events_limit_result_t
events_limit_check(const events_limit_t *limit,
    const events_limit_state_t *state, uint32_t events)
{
    uint64_t               size, level;
    events_limit_result_t  result;

    size = limit->burst * EVENTS_LIMIT_UNITS;
    level = state->level + (uint64_t) events * EVENTS_LIMIT_UNITS;

    result.allowed = (level <= size);
    result.retry_after = 0;

    if (events > limit->burst) {
        result.retry_after = EVENTS_LIMIT_NEVER;

    } else if (level > size) {
        result.retry_after = events_limit_time(limit, level - size);
    }

    return result;
}


void
events_limit_charge(events_limit_state_t *state, uint32_t events)
{
    state->level += (uint64_t) events * EVENTS_LIMIT_UNITS;
}


uint64_t
events_limit_remaining(const events_limit_t *limit,
    const events_limit_state_t *state)
{
    uint64_t  size;

    size = limit->burst * EVENTS_LIMIT_UNITS;

    /* the burst may have become smaller since */

    return (state->level < size) ? (size - state->level) / EVENTS_LIMIT_UNITS
                                 : 0;
}


uint64_t
events_limit_reset(const events_limit_t *limit,
    const events_limit_state_t *state)
{
    return events_limit_time(limit, state->level);
}


uint64_t
events_limit_window(const events_limit_t *limit)
{
    return events_limit_time(limit, limit->burst * EVENTS_LIMIT_UNITS);
}


static uint64_t
events_limit_time(const events_limit_t *limit, uint64_t units)
{
    return units / limit->rate + (units % limit->rate != 0);
}
