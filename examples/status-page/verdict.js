/*
 * What one has to know first.  Thresholds are those of the alert rules in
 * examples/prometheus.
 */

import { quantile, sum } from './history.js';
import { bytes, count, plural, seconds, share } from './numbers.js';

const REJECTED = 0.02;
const LIMITED = 0.05;
const ERRORS = 0.01;
const SLOW = 1;
const QUEUE = 0.8;


function kafka({ producers: { up, down, fatal } }) {
    const lost = down + fatal;

    if (lost === 0) {
        return null;
    }

    return {
        level: 'bad',
        headline: up === 0 ? 'Kafka is unreachable'
                           : 'Some workers do not reach Kafka',
        advice: `${lost} of ${plural(up + lost, 'producer has',
                                     'producers have')} `
                + (fatal === lost ? 'failed' : 'no broker')
                + '. Their requests are answered with 503, and clients keep '
                + 'their events. nginx recovers by itself.',
    };
}


function failed(snapshot, { failed: codes }) {
    const worst = [...codes].sort((a, b) => b[1] - a[1])[0];

    return worst && worst[1] > 0 && {
        level: 'bad',
        headline: 'Accepted events fail',
        advice: `${plural(sum(codes), 'event', 'events')} of the last minute `
                + 'did not reach Kafka for certain, most of them with '
                + `“${worst[0]}”. The error log has Kafka’s reason.`,
    };
}


function errors(snapshot, { requests }) {
    const all = sum(requests);
    const bad = [...requests].filter(([status]) => status >= 500)
        .reduce((total, [, n]) => total + n, 0);

    return bad > ERRORS * all && {
        level: 'bad',
        headline: 'Clients get errors of the server',
        advice: `${share(bad, all)} of the requests of the last minute were `
                + 'answered with 5xx.',
    };
}


function queue({ queue: { bytes: used, limit_bytes: limit } }) {
    return used > QUEUE * limit && {
        level: 'warn',
        headline: 'The queue is nearly full',
        advice: `${bytes(used)} of ${bytes(limit)} are in use; when it is `
                + 'full, batches are answered with 503.',
    };
}


function slow(snapshot, { buckets }) {
    const p99 = quantile(0.99, buckets);

    return p99 > SLOW && {
        level: 'warn',
        headline: 'Kafka is slow',
        advice: 'One batch in a hundred of the last minute waited longer than '
                + `${seconds(p99).replace('over ', '')}.`,
    };
}


function rejected(snapshot, { events, rejected: codes }) {
    const worst = [...codes].sort((a, b) => b[1] - a[1])[0];
    const part = events.get('rejected');
    const all = events.get('received');

    return worst && part > REJECTED * all && {
        level: 'warn',
        headline: 'Many events are rejected',
        advice: `${share(part, all)} of those of the last minute, most of them `
                + `with “${worst[0]}”.`,
    };
}


function limited(snapshot, { limited: zones, requests }) {
    return sum(zones) > LIMITED * sum(requests) && {
        level: 'warn',
        headline: 'Limits refuse requests',
        advice: `${share(sum(zones), sum(requests))} of the requests of the `
                + 'last minute were answered with 429.',
    };
}


/* the worst first; none is "well" */

export function findings(snapshot, minute) {
    const checks = [kafka, failed, errors, queue, slow, rejected, limited];

    return checks.map((check) => minute || check === kafka || check === queue
                                 ? check(snapshot, minute) : null)
        .filter(Boolean);
}


export function calm(snapshot, minute) {
    if (snapshot.events.received === 0) {
        return { level: 'wait', headline: 'Nothing received yet',
                 advice: 'The endpoints are up, and no event has come since '
                         + 'the counters began.' };
    }

    if (minute && minute.seconds > 30 && minute.events.get('received') === 0) {
        return { level: 'wait', headline: 'Nothing comes in',
                 advice: `No event in the last ${count(minute.seconds)} `
                         + 'seconds.' };
    }

    return { level: 'good', headline: 'All is well', advice: '' };
}
