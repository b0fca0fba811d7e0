
#include "events_ack.h"


int
events_ack_report(events_ack_t *ack, events_error_e error, const char *reason,
    int uncertain)
{
    ack->outstanding--;

    if (error == EVENTS_OK) {
        ack->delivered++;

    } else {
        ack->uncertain += (uncertain != 0);

        if (ack->error == EVENTS_OK) {
            ack->error = error;
            ack->reason = reason;
        }
    }

    return ack->outstanding == 0;
}


events_error_e
events_ack_outcome(const events_ack_t *ack)
{
    if (ack->delivered == ack->nrecords) {
        return EVENTS_OK;
    }

    if (ack->outstanding == 0 && ack->delivered == 0 && ack->uncertain == 0) {
        return ack->error;
    }

    return EVENTS_OUTCOME_UNKNOWN;
}
