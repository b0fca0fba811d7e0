/*
 * Drives Chromium for t/lib/Browser.pm.  Argument: options in JSON.  Each line
 * of standard input is a call in JSON, each line of standard output its result;
 * the end of the input is the end of the browser.
 *
 * With a certificate pages are served here, over TLS, for any host: a page on
 * another origin is one with another name.  Pages of others are visited by URL.
 */

'use strict';

const fs = require('node:fs');
const https = require('node:https');
const readline = require('node:readline');

const { chromium } = require('playwright-core');

const options = JSON.parse(process.argv[2]);


/* these run in the page */

const calls = {

    fetch: async ({ url, init, until, most }) => {
        let answer;

        for (let i = 0; i < (most || 1); i++) {
            let response;

            try {
                response = await fetch(url, init);

            } catch (error) {
                return { error: error.name };
            }

            answer = {
                status: response.status,
                body: await response.text(),
                headers: Object.fromEntries(response.headers),
            };

            if (answer.status === until) {
                break;
            }
        }

        return answer;
    },

    beacon: ({ url, body, type }) => ({
        queued: navigator.sendBeacon(url, type ? new Blob([body], { type })
                                               : body),
    }),

    /* of elements, or of the cells of rows; not cut, nor as it is laid out */

    texts: ({ selector }) => [...document.querySelectorAll(selector)]
        .map((element) => (element.tagName === 'TR'
            ? [...element.children].map((cell) => cell.textContent)
            : element.textContent)),

    attribute: ({ selector, name }) =>
        ({ value: document.querySelector(selector).getAttribute(name) }),

    /* pixels that are wider than the window */

    overflow: () => ({
        value: document.documentElement.scrollWidth - window.innerWidth,
    }),
};


/* a page of somebody else, with what it and the browser have to say */

async function visit(browser, { url, width, scheme }) {
    const context = await browser.newContext({
        viewport: { width: width || 1280, height: 800 }, colorScheme: scheme,
    });

    const page = await context.newPage();

    page.messages = [];
    page.on('console', (message) => page.messages.push(message.text()));
    page.on('pageerror', (error) => page.messages.push(error.message));
    page.on('dialog', (dialog) => {
        page.messages.push(`dialog: ${dialog.message()}`);
        dialog.dismiss();
    });

    await page.goto(url);

    return page;
}


async function servePages() {
    if (!options.key) {
        return null;
    }

    const server = https.createServer({
        key: fs.readFileSync(options.key),
        cert: fs.readFileSync(options.certificate),
    }, (request, response) => {
        response.setHeader('Content-Type', 'text/html');
        response.end('<!DOCTYPE html><title>page</title>');
    });

    await new Promise((done) => server.listen(0, '127.0.0.1', done));

    return server;
}


/* root may not have a sandbox, and all pages are of our own */

function launch(pages) {
    const rules = pages ? `MAP ${options.host} 127.0.0.1:${options.port},`
                          + `MAP *.example 127.0.0.1:${pages.address().port}`
                        : '';

    return chromium.launch({
        executablePath: options.chromium,
        chromiumSandbox: false,
        timeout: 30000,
        args: ['--ignore-certificate-errors',
               `--host-resolver-rules=${rules}`],
    });
}


/* what is done from outside of a page; all other calls run in it */

const outside = {

    press: (page, { selector, key }) => page.press(selector, key),

    messages: (page) => page.messages,
};


async function answer({ origin, call, argument }, open, context) {
    if (call === 'visit') {
        open.set(origin, await visit(context.browser(), argument));
        return {};
    }

    if (!open.has(origin)) {
        const page = await context.newPage();

        await page.goto(origin + '/');
        open.set(origin, page);
    }

    const page = open.get(origin);

    return outside[call] ? await outside[call](page, argument) || {}
                         : page.evaluate(calls[call], argument);
}


async function main() {
    const pages = await servePages();
    const browser = await launch(pages);
    const context = await browser.newContext();
    const open = new Map();

    process.stdout.write(JSON.stringify({ version: browser.version() }) + '\n');

    for await (const line of readline.createInterface(process.stdin)) {
        const result = await answer(JSON.parse(line), open, context);

        process.stdout.write(JSON.stringify(result) + '\n');
    }

    await browser.close();

    if (pages) {
        pages.close();
    }
}


main().catch((error) => {
    console.error(error.message);
    process.exit(1);
});
