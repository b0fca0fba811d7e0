/*
 * Rows of a table by their label, the largest first.  Labels may be of clients:
 * they are text, isolated from the direction of what is around them.
 */

import { make, say } from './dom.js';

const ROWS = 12;


export class Table {

    /* columns: { title, text(value) }; "special" names labels that are none */

    constructor(table, columns, special = {}) {
        this.columns = columns;
        this.special = special;
        this.rows = new Map();
        this.head = document.createElement('thead');
        this.body = document.createElement('tbody');
        this.none = document.createElement('p');

        const row = document.createElement('tr');

        make(row, 'th', 'label').textContent = table.dataset.what;

        this.titles = columns.map(({ title }) => {
            const th = make(row, 'th', 'number');

            th.textContent = title;

            return th;
        });

        for (const th of row.children) {
            th.scope = 'col';
        }

        this.none.className = 'none';
        this.head.append(row);
        table.append(this.head, this.body);
        table.after(this.none);
        this.table = table;
    }


    row(label) {
        if (!this.rows.has(label)) {
            const tr = document.createElement('tr');
            const th = make(tr, 'th', 'label');
            const special = Object.hasOwn(this.special, label);
            const name = make(th, special ? 'i' : 'bdi');

            th.scope = 'row';
            name.textContent = special ? this.special[label] : label;
            name.title = label;

            const cells = this.columns.map(() => make(tr, 'td', 'number'));

            this.rows.set(label, { tr, cells });
        }

        return this.rows.get(label);
    }


    /* values: [label, first column's value, ...], "none" when there are none */

    draw(values, none) {
        const shown = values.sort((a, b) => b[1] - a[1] || b[2] - a[2]
                                            || (a[0] < b[0] ? -1 : 1))
            .slice(0, ROWS);
        const most = Math.max(...shown.map(([, n]) => n), 0);
        const labels = new Set(shown.map(([label]) => label));

        for (const [label, { tr }] of this.rows) {
            if (!labels.has(label)) {
                tr.remove();
                this.rows.delete(label);
            }
        }

        shown.forEach(([label, ...numbers], i) => {
            const { tr, cells } = this.row(label);

            numbers.forEach((n, column) => {
                say(cells[column], this.columns[column].text(n));
            });

            tr.style.setProperty('--part', most > 0 ? numbers[0] / most : 0);

            if (this.body.children[i] !== tr) {
                this.body.insertBefore(tr, this.body.children[i] || null);
            }
        });

        const more = values.length - shown.length;

        this.table.hidden = shown.length === 0;
        say(this.none, shown.length === 0 ? none
                       : more > 0 ? `and ${more} more` : '');
    }
}
