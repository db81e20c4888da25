// preload.cjs: Node loads this before the official CLI, by a --require in NODE_OPTIONS.
//
// 1. The panel wants the input of a read as {"json": …}. The CLI sends it bare, and gets a 400.
// 2. The CLI follows redirects. The key and the profile's headers are for the panel's origin alone.
// 3. The CLI takes any variable from a `.env` in the working directory. What decides where a
//    connection goes, or whom it trusts, must not come from a folder that somebody else made.
// 4. Of a refusal the CLI shows no more than "status code 403". Through a proxy of `dctx exec
//    --read-only` or --allow, the reason is said, too: which procedure is not allowed.
// 5. An id may begin with "-". In `--applicationId -V…` the CLI sees --version, prints that and
//    ends as if all were well. Joined by "=" it is one word, which the CLI reads as it is meant.
//
// For Node 18 and later; CommonJS, since --require wants that. It decides by each request, so a
// CLI that is right one day loses nothing.
"use strict";

const http = require("http");
const https = require("https");
const { urlToHttpOptions } = require("url");

// A profile's header with such a name would break the request, or replace its key.
const NEVER_ADDED = /^(x-api-key|host|content-length|transfer-encoding|connection)$/;
// Names that choose a proxy, decide whom TLS trusts, load code into Node, or make the C library
// look a host's name up elsewhere. Some readers take any case, so all do here.
const GUARDED = [
    /^(npm_config_)?(https?|ftp|wss?|socks[45]?|all|no)_proxy$|^npm_config_(no)?proxy$/i,
    /^NODE_(TLS_REJECT_UNAUTHORIZED|EXTRA_CA_CERTS|USE_ENV_PROXY|USE_SYSTEM_CA|OPTIONS)$/i,
    /^(SSL_CERT_(FILE|DIR)|OPENSSL_(CONF|CONF_INCLUDE|MODULES|ENGINES))$/i,
    /^(HOSTALIASES|LOCALDOMAIN|RES_OPTIONS)$/i,
];
// With DEBUG=follow-redirects the CLI writes each request, its key included, to stderr.
const WRITES_KEYS = /\*|follow-redirects/;
// What the shim set. The CLI fills only what is unset or empty; a later version might not.
const OURS = /^DOKPLOY_(URL|API_KEY|AUTH_TOKEN|PROFILE)$/;

const environment = process.env;
const keyAtStart = environment.DOKPLOY_API_KEY || environment.DOKPLOY_AUTH_TOKEN;
// A name with other letters could not be told from the rest of a message.
const profileName = (/^[\w.@+-]+$/.exec(environment.DOKPLOY_PROFILE || "") || [""])[0];
const keyVariable = environment.DOKPLOY_API_KEY ? "DOKPLOY_API_KEY" : "DOKPLOY_AUTH_TOKEN";
const keyName = profileName ? `${profileName}'s key` : `the key in ${keyVariable}`;
const profileHeaders = headersFrom(environment._DCTX_HEADERS);

// Write one line to stderr. Not by process.stderr: making that stream costs more than all the rest.
function say(text) {
    try {
        require("fs").writeSync(2, `dctx: ${text}\n`);
    } catch {
        // A closed or full stderr is no reason to fail.
    }
}

// Return the profile's headers: name in lower case → [name, value].
function headersFrom(text) {
    const found = new Map();
    let given = {};
    try {
        given = JSON.parse(text || "{}");
    } catch {
        // Whoever wrote it was not the shim.
    }
    for (const [name, value] of Object.entries(given || {})) {
        const lower = name.toLowerCase();
        if (typeof value === "string" && !NEVER_ADDED.test(lower)) found.set(lower, [name, value]);
    }
    return found;
}

// Return NODE_OPTIONS without the --require of this file, as the user has it.
function withoutThisFile(options) {
    const { realpathSync } = require("fs");
    return options.replace(/ ?--require "((?:\\[^]|[^"\\])*)"/g, (whole, quoted) => {
        const path = quoted.replace(/\\([^])/g, "$1");
        try {
            return path === __filename || realpathSync(path) === __filename ? "" : whole;
        } catch {
            return whole;
        }
    });
}

// What the CLI starts belongs to the user: it gets neither the profile's headers nor this file,
// which would take whatever key that program has for the key of DOKPLOY_URL.
function tidyEnvironment() {
    delete environment._DCTX_HEADERS;
    const own = withoutThisFile(environment.NODE_OPTIONS || "");
    if (own) environment.NODE_OPTIONS = own;
    else delete environment.NODE_OPTIONS;
    // The CLI 0.2 knows the key by its older name alone.
    if (keyAtStart) environment.DOKPLOY_AUTH_TOKEN ||= keyAtStart;
}

// Join each id that begins with "-" to its option.
function joinIds(words) {
    for (let at = 2; at + 1 < words.length && words[at] !== "--"; at++) {
        if (/^--\w+Id$/.test(words[at]) && /^-[\w-]{20}$/.test(words[at + 1])) {
            words.splice(at, 2, `${words[at]}=${words[at + 1]}`);
        }
    }
}

// ---- `.env`

const ignored = new Set();

function sayIgnored() {
    const all = [...ignored].join(", ").replace(/, (?=[^,]*$)/, " and ");
    const [are, them] = ignored.size > 1 ? ["they are", "them"] : ["it is", "it"];
    const wayOut = `Export ${them}, or set DCTX_ENV_PROXY=1.`;
    say(`.env sets ${all}; ${are} not used with ${keyName}. ${wayOut}`);
}

// Return whether the CLI may set this variable; see to it that a refusal is said.
function maySet(name, value) {
    if (OURS.test(name)) return !environment[name];
    if (name === "DEBUG") return !WRITES_KEYS.test(value);
    if (!GUARDED.some((names) => names.test(name))) return true;
    if (value !== "") {
        if (ignored.size === 0) process.nextTick(sayIgnored);
        ignored.add(name);
    }
    return false;
}

function guardEnvironment() {
    const may = (name, value) => typeof name !== "string" || maySet(name, String(value));
    process.env = new Proxy(environment, {
        set: (target, name, value) => !may(name, value) || Reflect.set(target, name, value),
        defineProperty: (target, name, descriptor) =>
            !may(name, descriptor.value) || Reflect.defineProperty(target, name, descriptor),
    });
    const load = process.loadEnvFile; // It does not come by the Proxy; Node 18 has none.
    if (!load) return;
    process.loadEnvFile = (...args) => {
        const before = { ...environment };
        load(...args);
        for (const [name, value] of Object.entries(environment)) {
            if (!(name in before) && !maySet(name, value)) delete environment[name];
        }
    };
}

// ---- What a request is

// Return origin and tRPC path of DOKPLOY_URL, or null. Asked at each request, as the CLI may have
// taken a pair from `.env` since.
function panel() {
    try {
        const { origin, pathname } = new URL(environment.DOKPLOY_URL);
        return { origin, trpc: `${pathname}/api/trpc/`.replace(/\/{2,}/g, "/") };
    } catch {
        return null;
    }
}

// Return where a connection goes, as an origin; "" where that is no host's.
function originOf(options, scheme) {
    const host = String(options.hostname || options.host || "localhost");
    if (options.socketPath || /[\s/?#@\\]/.test(host)) return "";
    const { agent } = options;
    const port = options.port || options.defaultPort || (agent && agent.defaultPort);
    const name = host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
    return `${options.protocol || scheme}//${name}${port ? `:${port}` : ""}`;
}

// Return what a request is about: `here` the panel or null, `url` its own URL or null, `isOwn`
// whether it goes to the panel, and the `path` to send. A proxy for plain http gets a whole URL as
// the path; a CONNECT is the proxy's own business.
function judged(method, origin, path) {
    const here = panel();
    let url = null;
    try {
        if (method !== "CONNECT") url = new URL(/^https?:\/\//i.test(path) ? path : origin + path);
    } catch {
        // An odd target is not the panel's.
    }
    if (here === null) return { here, url, isOwn: true, path };
    const isOwn = url !== null && url.origin === here.origin;
    const isTrpc = isOwn && url.pathname.replace(/\/{2,}/g, "/").startsWith(here.trpc);
    return { here, url, isOwn, path: isTrpc && method === "GET" ? withWholeInput(path) : path };
}

// ---- The input of a read

// Return the path with its `input` as the panel wants it; all else as it is, byte for byte.
function withWholeInput(path) {
    const [before, ...rest] = path.split("?");
    const parts = rest.join("?").split("&");
    const isBatch = parts.includes("batch=1");
    const whole = parts.map((part) => {
        if (!part.startsWith("input=")) return part;
        try {
            const text = decodeURIComponent(part.slice(6).replace(/\+/g, " "));
            const fixed = (isBatch ? wholeBatch : wholeJson)(text, JSON.parse(text));
            return fixed === text ? part : `input=${encodeURIComponent(fixed)}`;
        } catch {
            return part;
        }
    });
    return rest.length ? `${before}?${whole.join("&")}` : path;
}

function isWhole(value) {
    return value !== null && typeof value === "object" && Object.hasOwn(value, "json");
}

// The text itself is kept: parsing and writing it again would round large numbers.
function wholeJson(text, value) {
    return isWhole(value) ? text : `{"json":${text}}`;
}

// A batch has one input for each procedure, by its place.
function wholeBatch(text, value) {
    const parts = Object.entries(value);
    const isOdd = Array.isArray(value) || !parts.every(([place]) => /^\d+$/.test(place));
    if (isOdd || parts.every(([, part]) => isWhole(part))) return text;
    const fixed = parts.map(([place, part]) => [place, isWhole(part) ? part : { json: part }]);
    return JSON.stringify(Object.fromEntries(fixed));
}

// ---- The headers of a request

// Return [name, value] pairs of any form of headers that Node takes.
function pairsOf(headers) {
    if (!Array.isArray(headers)) return Object.entries(headers || {});
    if (Array.isArray(headers[0])) return headers;
    const names = headers.filter((_, at) => at % 2 === 0);
    return names.map((name, at) => [name, headers[2 * at + 1]]);
}

// Return whether a header is for the panel alone: by its name, or since the key is in its value.
function isSecret(name, value) {
    const lower = String(name).toLowerCase();
    const key = environment.DOKPLOY_API_KEY || environment.DOKPLOY_AUTH_TOKEN;
    if (lower === "x-api-key" || profileHeaders.has(lower)) return true;
    return Boolean(key) && key.length > 7 && String(value).includes(key);
}

// Return the headers to send: to the panel with the profile's, elsewhere without what is secret.
function settled(pairs, about) {
    if (about.here === null) return pairs;
    if (about.isOwn) {
        const others = pairs.filter(([name]) => !profileHeaders.has(String(name).toLowerCase()));
        return [...others, ...profileHeaders.values()];
    }
    const plain = pairs.filter(([name, value]) => !isSecret(name, value));
    if (plain.length < pairs.length) sayDropped(about);
    return plain;
}

let hasSaid = false;
function sayDropped({ here, url }) {
    if (hasSaid) return;
    hasSaid = true;
    const where = url ? url.origin : "another server";
    const renew = `Did it move? Run: dctx auth ${profileName} -u ${where}`;
    const wayOut = url && profileName ? ` ${renew}` : "";
    say(`${here.origin} redirects to ${where}, which does not get ${keyName}.${wayOut}`);
}

// ---- Node's ways to send a request

// Return the arguments of http.request as one object and a callback, as Node itself reads them.
function oneForm([first, second, third]) {
    const isUrl = first && first.href && first.protocol && first.auth === undefined && !first.path;
    if (typeof first !== "string" && !isUrl) return [{ ...first }, second];
    // By its own symbols Node 18 would take a copy for the URL itself, and its path from there.
    const copy = urlToHttpOptions(isUrl ? first : new URL(first));
    const url = Object.fromEntries(Object.entries(copy));
    return typeof second === "function" ? [url, second] : [{ ...url, ...second }, third];
}

function wrap(module, name, scheme) {
    const original = module[name];
    module[name] = (...args) => {
        let form;
        try {
            form = oneForm(args);
        } catch {
            return original(...args); // Node has its own words for it.
        }
        const [options, callback] = form;
        const method = String(options.method || "GET").toUpperCase();
        const about = judged(method, originOf(options, scheme), String(options.path || "/"));
        const given = options.headers;
        const pairs = settled(pairsOf(given), about);
        if (!Array.isArray(given)) options.headers = Object.fromEntries(pairs);
        else options.headers = Array.isArray(given[0]) ? pairs : pairs.flat();
        if (options.path) options.path = about.path;
        const request = original(options, callback);
        if (!about.isOwn) keepOut(request, about);
        return request;
    };
}

// A header may also be set after the request was made.
function keepOut(request, about) {
    for (const name of ["setHeader", "appendHeader"]) {
        const original = request[name];
        request[name] = (header, value) => {
            if (!isSecret(header, value)) return original.call(request, header, value);
            sayDropped(about);
            return request;
        };
    }
}

// fetch announces each request here, those after a redirect included.
function onFetch({ request }) {
    const about = judged(request.method, String(request.origin), request.path);
    request.path = about.path;
    if (Array.isArray(request.headers)) {
        request.headers = settled(pairsOf(request.headers), about).flat();
    } else if (typeof request.headers === "string") {
        const lines = request.headers.split("\r\n").filter(Boolean);
        const pairs = settled(lines.map((line) => line.split(/: ?(.*)/s)), about);
        request.headers = pairs.map(([name, value]) => `${name}: ${value}\r\n`).join("");
    }
}

// ---- Why it was refused

const REFUSAL = "refused by dctx: ";
const told = new Set();

// Say a refusal, once. Only what `dctx exec` started listens on this machine and answers so.
function sayRefusal(host, reason) {
    const here = panel() && new URL(panel().origin);
    if (!here || here.hostname !== "127.0.0.1" || here.host !== host) return;
    const text = String(reason).replace(/[^ -~]/g, "?").slice(0, 300);
    if (!text.startsWith(REFUSAL) || told.has(text)) return;
    told.add(text);
    say(text.slice(REFUSAL.length));
}

function onResponse({ request, response }) {
    sayRefusal(request.getHeader("host"), response.statusMessage);
}

function onFetched({ request, response }) {
    sayRefusal(new URL(String(request.origin)).host, response.statusText);
}

tidyEnvironment();
joinIds(process.argv);
// A key from the folder's own `.env` may go the way that this `.env` says.
if (keyAtStart && environment.DCTX_ENV_PROXY !== "1") guardEnvironment();
for (const name of ["request", "get"]) {
    wrap(http, name, "http:");
    wrap(https, name, "https:");
}
const channels = {
    "undici:request:create": onFetch,
    "undici:request:headers": onFetched,
    "http.client.response.finish": onResponse,
};
for (const [name, listener] of Object.entries(channels)) {
    require("diagnostics_channel").channel(name).subscribe(listener);
}
require("module").syncBuiltinESMExports(); // for `import { request } from "node:https"`
