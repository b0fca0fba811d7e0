/*
 * A small chart of lines over time: the curves are SVG that stretches, all text
 * is HTML that does not.
 */

import { make, say } from './dom.js';

const NS = 'http://www.w3.org/2000/svg';
const WIDTH = 300;          /* seconds */
const HEIGHT = 100;


/* 1, 2 or 5 times a power of ten: the end of the scale */

export function nice(max) {
    const power = 10 ** Math.floor(Math.log10(max));

    return [1, 2, 5, 10].map((n) => n * power).find((n) => n >= max * 0.999);
}


/* a hole where there is no value, or a break */

function curve(points, name, top, end) {
    let pen = false;

    return points.map((point) => {
        const value = point[name];

        if (!Number.isFinite(value)) {
            pen = false;
            return '';
        }

        const x = (WIDTH - (end - point.at)).toFixed(1);
        const y = (HEIGHT - HEIGHT * Math.min(value / top, 1)).toFixed(1);
        const move = !pen || point.first;

        pen = true;

        return `${move ? 'M' : 'L'}${x} ${y}`;
    }).join('');
}


export class Chart {

    /* lines: { name, label }, the first one is the main one */

    constructor(figure, lines, format) {
        this.format = format;
        this.lines = lines;
        this.legend = make(figure, 'p', 'legend');

        const plot = make(figure, 'div', 'plot');

        plot.setAttribute('role', 'img');
        this.plot = plot;
        this.top = make(plot, 'span', 'top');
        make(plot, 'span', 'start').textContent = '5 min ago';
        make(plot, 'span', 'end').textContent = 'now';

        const svg = document.createElementNS(NS, 'svg');

        svg.setAttribute('viewBox', `0 0 ${WIDTH} ${HEIGHT}`);
        svg.setAttribute('preserveAspectRatio', 'none');
        plot.prepend(svg);

        for (const line of lines) {
            line.path = document.createElementNS(NS, 'path');
            line.path.setAttribute('class', line.name);
            svg.prepend(line.path);

            const item = make(this.legend, 'span', line.name);

            item.append(line.label, ' ');
            line.text = make(item, 'b');
        }
    }


    draw(points) {
        const end = points.length ? points[points.length - 1].at : 0;
        const values = points.flatMap((point) =>
            this.lines.map(({ name }) => point[name])).filter(Number.isFinite);
        const max = Math.max(0, ...values);
        const top = max > 0 ? nice(max) : 1;

        say(this.top, max > 0 ? this.format(top) : '');

        for (const { name, path, text } of this.lines) {
            path.setAttribute('d', curve(points, name, top, end));
            say(text, points.length
                ? this.format(points[points.length - 1][name]) : '–');
        }

        this.plot.setAttribute('aria-label', this.lines.map(
            ({ label, text }) => `${label}: ${text.textContent}`).join(', '));
    }
}
