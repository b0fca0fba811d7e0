/* Numbers as people read them. */

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const tenth = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const short = new Intl.NumberFormat('en', { maximumSignificantDigits: 2 });
const three = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });
const large = new Intl.NumberFormat('en', { notation: 'compact',
                                            maximumSignificantDigits: 4 });

const UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];


export function count(n) {
    return n < 10e6 ? whole.format(n) : large.format(n);
}


export function rate(n) {
    return n < 10 ? tenth.format(n) : n < 1e6 ? whole.format(n)
                                              : large.format(n);
}


/* what is not all is never shown as 100 */

export function share(part, all) {
    const percent = 100 * part / all;

    if (!(percent > 0)) {
        return '0%';
    }

    if (percent < 0.01) {
        return 'under 0.01%';
    }

    if (percent > 99) {
        return part === all ? '100%' : 'over 99%';
    }

    return short.format(percent) + '%';
}


export function bytes(n) {
    let i = 0;

    for (; n >= 1024 && i < UNITS.length - 1; i++) {
        n /= 1024;
    }

    return `${three.format(n)} ${UNITS[i]}`;
}


/* of the histogram, which ends at ten seconds */

export function seconds(n) {
    if (Number.isNaN(n) || n === undefined) {
        return '–';
    }

    return n >= 10 ? 'over 10 s'
                   : n >= 1 ? `${short.format(n)} s`
                            : `${short.format(n * 1000)} ms`;
}


export function span(n) {
    return n < 90 ? `${whole.format(n)} s` : `${whole.format(n / 60)} min`;
}


export function plural(n, one, many) {
    return `${count(n)} ${n === 1 ? one : many}`;
}
