/*
 * The status page: asks for events_status json every two seconds, and shows
 * what has changed.  What comes from clients is only ever set as text.
 */

import { Chart } from './chart.js';
import { make, say } from './dom.js';
import { History, entries, quantile } from './history.js';
import { bytes, count, plural, rate, seconds, share, span } from './numbers.js';
import { Table } from './table.js';
import { calm, findings } from './verdict.js';

const SOURCE = 'data.json';
const INTERVAL = 2000;
const PATIENCE = 5000;      /* for an answer */
const SILENCE = 3;          /* questions without an answer, and it is down */
const WINDOW = 300;         /* seconds of the tables */

const at = (id) => document.getElementById(id);

const history = new History();
const state = { asked: 0, answered: 0, misses: 0, why: '', timer: 0,
                paused: false };

const recent = [{ title: '', text: count }, { title: 'in all', text: count }];
const special = { '': 'no brand', other: 'all others' };

const tables = {
    rejected: new Table(at('rejected'), recent),
    invalid: new Table(at('invalid'), recent),
    requests: new Table(at('requests'), recent),
    brands: new Table(at('brands'), [...recent, { title: 'rejected',
                                                  text: count }], special),
};

const flow = new Chart(at('flow'), [
    { name: 'received', label: 'received' },
    { name: 'rejected', label: 'rejected' },
], (n) => (Number.isFinite(n) ? rate(n) : '–'));

const acks = new Chart(at('acks'), [
    { name: 'p50', label: 'half within' },
    { name: 'p99', label: '99% within' },
], seconds);


function list(dl, rows) {
    while (dl.children.length > rows.length) {
        dl.lastElementChild.remove();
    }

    rows.forEach(([name, value, level], i) => {
        let row = dl.children[i];

        if (!row) {
            row = make(dl, 'div');
            make(row, 'dt');
            make(row, 'dd');
        }

        row.className = level || '';
        say(row.firstElementChild, name);
        say(row.lastElementChild, value);
    });
}


function showVerdict(found) {
    const [first, ...others] = found;

    document.body.dataset.level = first.level;
    at('sign').setAttribute('href', `#${first.level}`);
    say(at('headline'), `${first.headline}.`);
    say(at('advice'), first.advice);

    at('also').replaceChildren(...others.map(({ headline, advice }) => {
        const item = document.createElement('li');
        const name = document.createElement('b');

        name.textContent = `${headline}. `;
        item.append(name, advice);

        return item;
    }));

    document.title = `${first.headline} – ${location.host}`;
}


function story(now, minute) {
    if (!minute || minute.events.get('received') === 0) {
        return '';
    }

    const received = minute.events.get('received');
    const rejected = minute.events.get('rejected');
    const arrive = `${rate(received / minute.seconds)} events a second come in`;

    const kept = rejected > 0 ? `, ${share(rejected, received)} are rejected`
                              : ', none is rejected';

    const most = quantile(0.99, minute.buckets);

    /* of batches that fail, too: while Kafka is away that says nothing of it */

    const { down, fatal } = now.producers;

    return arrive + kept + (Number.isNaN(most) || down + fatal > 0 ? '.'
        : `, and Kafka acknowledges 99% of the batches within ${seconds(most)
            .replace('over ', 'more than ')}.`);
}


function changed(map, change) {
    return [...map].map(([label, n]) => [label, change.get(label) || 0, n]);
}


function showTables(now) {
    const change = history.since(WINDOW);
    const none = new Map();
    const title = change ? `last ${span(change.seconds)}` : 'now';

    for (const table of Object.values(tables)) {
        table.titles[0].textContent = title;
    }

    for (const name of ['rejected', 'invalid', 'requests']) {
        tables[name].draw(changed(entries(now[name]),
                                  change ? change[name] : none),
                          { rejected: 'Nothing was rejected.',
                            invalid: 'No event broke the contract.',
                            requests: 'Nobody has asked.' }[name]);
    }

    tables.brands.draw([...entries(now.brands)].map(([name, counts]) => [
        name,
        change ? change.brands.accepted.get(name) || 0 : 0,
        counts.accepted, counts.rejected,
    ]), 'No brand has sent anything.');
}


function showKafka(now) {
    const { bytes: used, limit_bytes: limit } = now.queue;
    const { up, down, fatal } = now.producers;
    const part = limit > 0 ? used / limit : 0;

    at('queue').value = part;
    say(at('queue-text'), limit > 0
        ? `${bytes(used)} of ${bytes(limit)}, ${Math.round(100 * part)}%`
        : '–');

    list(at('kafka'), [
        ['Producers', fatal + down === 0 ? plural(up, 'up', 'up')
         : [`${up} up`, down > 0 && `${down} without a broker`,
            fatal > 0 && `${fatal} failed`].filter(Boolean).join(', '),
         fatal + down > 0 ? 'bad' : ''],
        ['Connections to brokers', count(now.brokers_connected)],
        ['Events in flight', count(now.events.in_flight)],
        ['Producers replaced', count(now.producer_restarts),
         now.producer_restarts > 0 ? 'warn' : ''],
        ['Workers', count(now.workers)],
    ]);
}


function showAccount({ events, failed }) {
    const codes = [...entries(failed)].sort((a, b) => b[1] - a[1]);

    list(at('account'), [
        ['Received', count(events.received), 'total'],
        ['rejected', count(events.rejected)],
        ['Accepted', count(events.accepted), 'total'],
        ['acknowledged', count(events.acknowledged)],
        ['in flight', count(events.in_flight)],
        ['failed', count(events.failed), events.failed > 0 ? 'warn' : ''],
        ...codes.map(([code, n]) => [code, count(n), 'part']),
    ]);
}


function showWorth(now) {
    const { published, lost } = now.dead_letters;
    const rows = [];

    for (const [member, n] of entries(now.renamed)) {
        rows.push([`Old name “${member}”`, plural(n, 'event', 'events')]);
    }

    for (const [zone, n] of entries(now.limited)) {
        rows.push([`Refused by “${zone}”`, plural(n, 'request', 'requests')]);
    }

    rows.push(['Dead letters', count(published)],
              ['Dead letters lost', count(lost), lost > 0 ? 'warn' : ''],
              ['A dry run would reject', count(now.events.dry_run_rejected)],
              ['Rejected requests not logged', count(now.log_suppressed)]);

    list(at('worth'), rows);
}


function show(now) {
    const minute = history.since(60);
    const found = findings(now, minute);

    showVerdict(found.length > 0 ? found : [calm(now, minute)]);
    say(at('story'), story(now, minute));
    showTables(now);
    showKafka(now);
    showAccount(now);
    showWorth(now);

    flow.draw(history.points);
    acks.draw(history.points);
}


function showSilence() {
    showVerdict([{
        level: 'bad', headline: 'nginx does not answer',
        advice: history.last ? `${state.why} What is below is from before.`
                             : state.why,
    }]);

    say(at('story'), '');
}


function showAge() {
    const age = (Date.now() - state.answered) / 1000;

    say(at('age'), !state.answered ? 'connecting'
        : age < 5 ? new Date(state.answered).toLocaleTimeString('en-GB')
                  : `${span(age)} old`);
}


async function ask() {
    const response = await fetch(SOURCE, {
        cache: 'no-store', signal: AbortSignal.timeout(PATIENCE),
    });

    if (!response.ok) {
        throw new Error(response.status === 403
            ? 'This address may not see it (403).'
            : `The answer was ${response.status}.`);
    }

    const snapshot = await response.json();

    if (snapshot.version !== 1) {
        throw new Error('This page does not know version '
                        + `${snapshot.version} of events_status.`);
    }

    return snapshot;
}


function reason({ name, message }) {
    return { TypeError: 'There is no connection.',
             TimeoutError: 'The answer takes too long.',
             SyntaxError: 'The answer is not JSON.' }[name] || message;
}


function answered(snapshot) {
    state.misses = 0;
    state.answered = Date.now();
    document.body.classList.remove('old');

    history.add(snapshot);
    show(snapshot);
}


function missed(error) {
    state.why = reason(error);

    if (++state.misses >= SILENCE || !state.answered) {
        document.body.classList.add('old');
        showSilence();
    }
}


/* an answer that another question has overtaken is of no use any more */

async function turn() {
    clearTimeout(state.timer);

    const asked = ++state.asked;
    const [then, what] = await ask().then((snapshot) => [answered, snapshot],
                                          (error) => [missed, error]);

    if (asked !== state.asked) {
        return;
    }

    state.timer = setTimeout(turn, INTERVAL);

    then(what);
    showAge();
}


function pause() {
    state.paused = !state.paused;
    say(at('pause'), state.paused ? 'Resume' : 'Pause');

    if (state.paused) {
        clearTimeout(state.timer);
        state.asked++;

    } else {
        turn();
    }
}


at('host').textContent = location.host;
at('pause').addEventListener('click', pause);

document.addEventListener('visibilitychange', () => {
    if (!document.hidden && !state.paused) {
        turn();
    }
});

setInterval(showAge, 1000);
turn();
