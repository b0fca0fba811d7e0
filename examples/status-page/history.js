/*
 * Snapshots of events_status become rates.  Time is that of the snapshots, so
 * neither the clock of the browser nor its sleep counts.
 */

const KEEP = 300;           /* seconds that are kept */
const GAP = 15;             /* seconds after which there is a hole */
const RATE = 10;            /* seconds over which a point is a rate */

const MAPS = ['requests', 'rejected', 'invalid', 'failed', 'renamed',
              'limited', 'dead_letters'];


/* labels are of clients: a Map has no "__proto__" of its own */

export function entries(object) {
    return new Map(Object.entries(object || {}));
}


export function sum(map) {
    return [...map.values()].reduce((total, n) => total + n, 0);
}


function lessOf(to, from) {
    const result = new Map();

    for (const [key, value] of to) {
        result.set(key, value - (from.get(key) || 0));
    }

    return result;
}


function brands(snapshot, member) {
    return new Map([...entries(snapshot.brands)]
        .map(([name, counts]) => [name, counts[member]]));
}


export function delta(from, to) {
    const counts = entries(to.events);
    const result = {
        seconds: (Date.parse(to.time) - Date.parse(from.time)) / 1000,
        events: lessOf(counts, entries(from.events)),
        restarts: to.producer_restarts - from.producer_restarts,
        brands: {
            accepted: lessOf(brands(to, 'accepted'), brands(from, 'accepted')),
            rejected: lessOf(brands(to, 'rejected'), brands(from, 'rejected')),
        },
        buckets: to.ack_seconds.buckets.map(({ le, count }, i) => ({
            le, count: count - from.ack_seconds.buckets[i].count,
        })),
    };

    for (const name of MAPS) {
        result[name] = lessOf(entries(to[name]), entries(from[name]));
    }

    return result;
}


/* Counters never fall, but with nginx, or its zone, they begin anew. */

export function began(from, to) {
    const { events, requests, buckets } = delta(from, to);

    events.delete('in_flight');

    return [...events.values(), ...requests.values(),
            ...buckets.map(({ count }) => count)].some((n) => n < 0);
}


/*
 * As Prometheus does it: linear within a bucket.  Cumulative counts; of what is
 * above the last bound only this bound is known.  Without a batch NaN.
 */

export function quantile(q, buckets) {
    const total = buckets[buckets.length - 1].count;
    const i = buckets.findIndex(({ count }) => count >= q * total);

    if (total <= 0) {
        return NaN;
    }

    if (buckets[i].le === null) {
        return buckets[i - 1].le;
    }

    const [low, below] = i > 0 ? [buckets[i - 1].le, buckets[i - 1].count]
                               : [0, 0];

    return low + (buckets[i].le - low) * (q * total - below)
                 / (buckets[i].count - below);
}


export class History {

    constructor() {
        this.points = [];
    }


    get last() {
        return this.points[this.points.length - 1];
    }


    /* What a snapshot is: "next", "same", or the first after a break. */

    add(snapshot) {
        const point = { at: Date.parse(snapshot.time) / 1000, snapshot };
        const last = this.last;
        let what = 'next';

        if (!last) {
            what = 'first';

        } else if (point.at === last.at) {
            return 'same';

        } else if (point.at < last.at || began(last.snapshot, snapshot)) {
            what = 'restart';
            this.points = point.at < last.at ? [] : this.points;

        } else if (point.at - last.at > GAP) {
            what = 'gap';
        }

        point.first = what !== 'next';
        this.points.push(point);
        this.points = this.points.filter(({ at }) => at > point.at - KEEP);

        this.measure(point);

        return what;
    }


    measure(point) {
        const change = this.since(RATE);

        if (change) {
            point.received = change.events.get('received') / change.seconds;
            point.rejected = change.events.get('rejected') / change.seconds;
            point.p50 = quantile(0.5, change.buckets);
            point.p99 = quantile(0.99, change.buckets);
        }
    }


    /*
     * The change in so many seconds, or in less if there was a break.  Null
     * when there is nothing to compare with.
     */

    since(seconds) {
        let i = this.points.length - 1;

        while (i > 0 && !this.points[i].first
               && this.points[i].at > this.last.at - seconds)
        {
            i--;
        }

        return i >= 0 && this.points[i] !== this.last
               ? delta(this.points[i].snapshot, this.last.snapshot) : null;
    }
}
