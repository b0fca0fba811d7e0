/*
 * Drives Chromium for t/lib/Browser.pm.  Argument: options in JSON.  Each line
 * of standard input is a call in JSON, each line of standard output its result;
 * the end of the input is the end of the browser.
 *
 * Pages are served here, over TLS, for any host: a page on another origin is
 * one with another name.
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
};


async function servePages() {
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
    const rules = `MAP ${options.host} 127.0.0.1:${options.port},`
                  + `MAP *.example 127.0.0.1:${pages.address().port}`;

    return chromium.launch({
        executablePath: options.chromium,
        chromiumSandbox: false,
        timeout: 30000,
        args: ['--ignore-certificate-errors',
               `--host-resolver-rules=${rules}`],
    });
}


async function main() {
    const pages = await servePages();
    const browser = await launch(pages);
    const context = await browser.newContext();
    const open = new Map();

    process.stdout.write(JSON.stringify({ version: browser.version() }) + '\n');

    for await (const line of readline.createInterface(process.stdin)) {
        const { origin, call, argument } = JSON.parse(line);

        if (!open.has(origin)) {
            const page = await context.newPage();

            await page.goto(origin + '/');
            open.set(origin, page);
        }

        const result = await open.get(origin).evaluate(calls[call], argument);

        process.stdout.write(JSON.stringify(result) + '\n');
    }

    await browser.close();
    pages.close();
}


main().catch((error) => {
    console.error(error.message);
    process.exit(1);
});
