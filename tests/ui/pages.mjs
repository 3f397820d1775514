// Opens every page of a running Sosie in a real browser, in both themes, on a desk and on a phone.
//
//   node tests/ui/pages.mjs http://127.0.0.1:8090/ OUTDIR [--wait SECONDS] [--no-fault]
//
// Fails on a console error, a failed request, a page that scrolls sideways, a serious or critical
// finding of axe. Where there is a simulator it then does what an operator does: injects a fault,
// waits until it is found, reads why, acknowledges the alarm with a comment. Pictures go to OUTDIR.
// Needs ui/node_modules (npm ci in ui/) and /usr/bin/chromium, or another one by CHROMIUM.
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { city, manyObjects } from "./city.mjs";
import { fleet, manyMarkers } from "./fleet.mjs";
import { report } from "./report.mjs";
import { rules } from "./rules.mjs";
import { twin } from "./twin.mjs";
import { checkCases } from "./cases.mjs";
import { checkModels } from "./models.mjs";
import { whatIf } from "./whatif.mjs";

const require = createRequire(new URL("../../ui/package.json", import.meta.url));
const { chromium } = require("playwright-core");
const { AxeBuilder } = require("@axe-core/playwright");

const { values: args, positionals } = parseArgs({
  allowPositionals: true,
  options: { wait: { type: "string", default: "180" }, "no-fault": { type: "boolean" } },
});
const [base, out] = positionals;
if (!base || !out) {
  console.error("usage: node tests/ui/pages.mjs BASE_URL OUTDIR [--wait SECONDS] [--no-fault]");
  process.exit(2);
}
mkdirSync(out, { recursive: true });

const widths = { desk: { width: 1440, height: 1000 }, phone: { width: 390, height: 844 } };
const failures = [];
const fail = (where, what) => {
  failures.push(`${where}: ${what}`);
  console.log(`  FAIL ${where}: ${what}`);
};

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
  ],
});

async function open(theme, size, motion = "reduce") {
  const context = await browser.newContext({
    viewport: widths[size],
    colorScheme: theme,
    locale: "en-GB",
    reducedMotion: motion,
    hasTouch: size === "phone",
  });
  const page = await context.newPage();
  const watch = { where: "start", quiet: false };
  page.on("console", (message) => {
    if (message.type() !== "error" || watch.quiet) return;
    fail(watch.where, `console: ${message.text()} ${message.location().url}`);
  });
  page.on("pageerror", (error) => fail(watch.where, `exception: ${error.message}`));
  page.on("response", (response) => {
    const url = response.url();
    if (response.status() < 400 || watch.quiet) return;
    fail(watch.where, `${response.status()} ${url}`);
  });
  page.on("requestfailed", (request) => {
    // Whoever leaves a page drops what it had asked for, and the live feed with it.
    if (watch.quiet || request.failure()?.errorText === "net::ERR_ABORTED") return;
    fail(watch.where, `${request.failure()?.errorText} ${request.url()}`);
  });
  await page.goto(base);
  await page.waitForSelector("main h1", { state: "attached", timeout: 30_000 });
  return { context, page, watch };
}

async function settle(page) {
  await page.waitForFunction(() => document.querySelector("main .loading") === null, null, {
    timeout: 20_000,
  });
  // Charts are painted, and the feed has spoken, a moment after the answers are there.
  await page.waitForTimeout(700);
}

async function visit(page, hash) {
  await page.evaluate((to) => {
    location.hash = to;
  }, hash);
  await page.waitForTimeout(100);
  await settle(page);
}

async function inspect(page, where) {
  const sideways = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  if (sideways > 0) fail(where, `scrolls sideways by ${sideways} px`);
  if ((await page.locator("main .failed").count()) > 0) {
    fail(where, `says: ${await page.locator("main .failed").first().innerText()}`);
  }
  const { violations } = await new AxeBuilder({ page }).analyze();
  for (const { id, impact, help, nodes } of violations) {
    if (impact !== "serious" && impact !== "critical") continue;
    fail(where, `axe ${id} (${impact}): ${help}: ${nodes[0]?.html.slice(0, 160)}`);
  }
}

const get = async (path) => (await fetch(new URL(`api/${path}`, base))).json();

/// Every page of the menu, and those that hang under one: a sensor, a finding, the tabs of alarms.
async function addresses(page) {
  const menu = await page.$$eval("nav#menu a", (links) => links.map((a) => a.getAttribute("href")));
  const { series, stages, devices } = await get("plant");
  const sensor = series.find((s) => s.entity === "AIT-306-DO") ?? series[0];
  const { findings } = await get("findings?limit=1");
  return [
    ...menu,
    ...(sensor ? [`#/sensor/${sensor.id}`] : []),
    ...(stages[2] ? [`#/stage/${stages[2].id}`] : []),
    ...(findings[0] ? [`#/anomalies/${findings[0].id}`] : []),
    ...(devices.placed > 0 ? ["#/fleet/list", "#/fleet/device/index:0"] : []),
    "#/alarms/log",
    "#/alarms/shelved",
  ];
}

async function everyPage(theme, size) {
  const { context, page, watch } = await open(theme, size);
  await page.waitForSelector("nav#menu a", { state: "attached" });
  for (const hash of await addresses(page)) {
    const name = hash.replace(/^#\//, "").replaceAll(/[/:]/g, "-");
    watch.where = `${name} ${size} ${theme}`;
    await visit(page, hash);
    await inspect(page, watch.where);
    await page.screenshot({ path: join(out, `${name}-${size}-${theme}.png`) });
  }
  await context.close();
}

async function shell() {
  const { context, page, watch } = await open("light", "desk");
  watch.where = "shell";
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  const focused = await page.evaluate(() => document.activeElement?.id);
  if (focused !== "content") fail("shell", `the skip button leads to '${focused}', not the content`);

  await page.getByRole("button", { name: "Français" }).click();
  await page.waitForFunction(() => document.documentElement.lang === "fr");
  if ((await page.getByRole("link", { name: "Système" }).count()) === 0) {
    fail("shell", "the menu did not turn French");
  }
  await page.getByRole("button", { name: "English" }).click();

  await visit(page, "#/overview");
  // The feed is opened anew for a page with other series: from now on it is refused.
  watch.quiet = true;
  await page.route("**/api/live*", (route) => route.abort());
  await visit(page, "#/system");
  const lost = page.getByRole("alert").filter({ hasText: "Connection to Sosie lost" });
  await lost.waitFor({ timeout: 20_000 }).catch(() => fail("shell", "a lost server is not told"));
  if ((await page.locator(".live").innerText()) === "LIVE") fail("shell", "LIVE without a server");
  await page.screenshot({ path: join(out, "connection-lost.png") });
  await page.unroute("**/api/live*");
  await lost
    .waitFor({ state: "detached", timeout: 40_000 })
    .catch(() => fail("shell", "it does not come back to a server that is there again"));
  await context.close();
}

/// What is sent to it comes up in an open page by itself, and is folded.
async function received() {
  const { receives_alerts } = await get("plant");
  if (!receives_alerts) return;
  const { context, page, watch } = await open("light", "desk");
  watch.where = "received alerts";
  await visit(page, "#/alerts");
  const entity = `Room${Date.now() % 100_000}`;
  const send = (value) =>
    fetch(new URL("alerts/in", base), {
      method: "POST",
      body: JSON.stringify({ message: "Too warm", entity, value, severity: "high" }),
    });
  for (const value of [31, 31.5, 32]) {
    const { status } = await send(value);
    if (status !== 200) fail("received alerts", `was answered ${status}`);
  }
  const row = page.locator("li.received").filter({ hasText: entity });
  await row.filter({ hasText: "3 times" }).waitFor({ timeout: 15_000 });
  if ((await row.count()) !== 1) fail("received alerts", "the same condition is not one row");
  await row.getByText("As it came").click();
  await row.locator("pre").filter({ hasText: '"value": 32' }).waitFor({ timeout: 10_000 });
  await inspect(page, "received alerts");
  await page.screenshot({ path: join(out, "received.png") });
  await context.close();
}

async function until(what, seconds, ask) {
  const end = Date.now() + seconds * 1000;
  while (Date.now() < end) {
    const found = await ask();
    if (found) return found;
    await new Promise((done) => setTimeout(done, 500));
  }
  fail("operator", `${what}: not within ${seconds} s`);
  return null;
}

/// A stuck sensor, on one that nothing ails; its name.
async function inject(page, types) {
  const fault = types.find((t) => t.name === "stuck") ?? types.find((t) => t.targets.length === 0);
  const { series } = await get("plant");
  const { findings } = await get("findings?open=true");
  const ill = new Set(findings.flatMap((f) => f.suspects.slice(0, 3).map((s) => s.series)));
  const well = series.filter((s) => !ill.has(s.id) && s.unit !== "0/1/2");
  const target = well.find((s) => /-DO$|-TURB$|-COND$/.test(s.entity)) ?? well[0];
  await visit(page, "#/simulator");
  await page.selectOption("select[name=fault]", fault.name);
  await page.fill("input[name=target]", target.entity);
  await page.fill("input[name=minutes]", "240");
  await page.getByRole("button", { name: "Inject", exact: true }).click();
  await page.getByRole("status").filter({ hasText: "begins" }).waitFor({ timeout: 10_000 });
  await page.locator(".running li").filter({ hasText: target.entity }).first().waitFor();
  await page.screenshot({ path: join(out, "operator-1-injected.png") });
  return target;
}

async function acknowledge(page, alarm) {
  await visit(page, "#/alarms");
  const row = page.locator("li.alarm").filter({ hasText: alarm.message.en }).first();
  await row.getByRole("button", { name: "Acknowledge" }).click();
  await page.fill("input[name=who]", "Ana");
  await page.fill("textarea[name=comment]", "seen on site, the probe is being cleaned");
  await page.screenshot({ path: join(out, "operator-3-acknowledge.png") });
  await page.getByRole("dialog").getByRole("button", { name: "Acknowledge" }).click();
  await page.getByRole("dialog").waitFor({ state: "detached", timeout: 10_000 });
  const { events } = await get("alarms/log?limit=200");
  const kept = events.find((e) => e.what === "acknowledged" && e.alarm.id === alarm.id);
  if (kept?.who !== "Ana" || !kept.comment.includes("the probe")) {
    fail("operator", "the acknowledgement is not in the log with its name and comment");
  }
  await visit(page, "#/alarms/log");
  await page.getByText("the probe is being cleaned").first().waitFor({ timeout: 10_000 });
  await page.screenshot({ path: join(out, "operator-4-log.png") });
}

async function operator() {
  const simulator = await get("simulator").catch(() => ({ available: false }));
  if (!simulator.available || args["no-fault"]) return;
  const { context, page, watch } = await open("light", "desk");
  watch.where = "operator";
  const { findings: before } = await get("findings?limit=1");
  const newest = before[0]?.id ?? 0;
  await visit(page, "#/simulator");
  // An hour of the plant's life in a minute: a stuck sensor takes a while to be told from a quiet one.
  await page.getByRole("button", { name: "×60", exact: true }).click();
  const target = await inject(page, simulator.types);
  const found = await until(`${target.entity} is found`, Number(args.wait), async () => {
    const { findings } = await get("findings?limit=50");
    return findings.find(
      (f) => f.id > newest && f.suspects.slice(0, 3).some((s) => s.series === target.id),
    );
  });
  if (found) {
    console.log(`  found: ${found.sentence.en}`);
    await visit(page, `#/anomalies/${found.id}`);
    await page.locator(".suspects tbody tr").filter({ hasText: target.entity }).first().waitFor();
    await inspect(page, "operator explanation");
    await page.screenshot({ path: join(out, "operator-2-explained.png"), fullPage: true });
    const alarm = await until("its alarm", 60, async () => {
      const { alarms } = await get("alarms");
      return alarms.find((a) => !a.acknowledged && (a.finding === found.id || a.series === target.id));
    });
    if (alarm) await acknowledge(page, alarm);
  }
  await visit(page, "#/simulator");
  await page.getByRole("button", { name: "×1", exact: true }).click();
  const mine = page.locator(".running li").filter({ hasText: target.entity }).first();
  if ((await mine.count()) > 0) await mine.getByRole("button").click();
  await context.close();
}

async function cityPages() {
  const { context, page, watch } = await open("light", "desk");
  const kit = { page, watch, visit, inspect, fail, out };
  await city(kit, await get("plant"));
  await context.close();
  const moving = await open("light", "desk", "no-preference");
  moving.watch.where = "city of many";
  await manyObjects({ ...kit, page: moving.page, watch: moving.watch }, base);
  await moving.context.close();
}

/// Moves a limit on a sensor's page and back, by the keyboard alone, on a phone.
async function limits() {
  const { limits: all } = await get("limits");
  if (all.length === 0) return;
  const { series, name, value } = all[0];
  const { context, page, watch } = await open("light", "phone");
  watch.where = "limits";
  await visit(page, `#/sensor/${series.id}`);
  const now = async () =>
    (await get("limits")).limits.find((l) => l.series.id === series.id && l.name === name);
  const change = page.locator(".limit-line").first().getByRole("button", { name: "Change" });
  const press = async (text, key) => {
    await page.keyboard.type(text);
    await page.keyboard.press(key);
  };
  await change.press("Enter");
  await page.locator(".limit-form input[name=value]:focus").waitFor();  // its value is selected
  await press(String(value + 0.5), "Tab");
  await page.keyboard.press("Control+a");
  await press("Ana", "Tab");
  await page.keyboard.type("a trial");
  await inspect(page, "limits form");
  await page.screenshot({ path: join(out, "limits-1-form.png"), fullPage: true });
  await page.keyboard.press("Enter");
  await page.locator(".limit-log").getByText("a trial").waitFor({ timeout: 10_000 });
  const moved = await now();
  if (moved.value !== value + 0.5 || moved.scenario !== value) {
    fail("limits", `moved to ${JSON.stringify(moved)}`);
  }
  await inspect(page, "limits moved");
  await page.screenshot({ path: join(out, "limits-2-moved.png"), fullPage: true });
  await change.press("Enter");
  await page.getByRole("button", { name: "Back to the scenario" }).press("Enter");
  await page.locator(".limit-form").waitFor({ state: "detached", timeout: 10_000 });
  if ((await now()).value !== value) fail("limits", "it did not go back");
  await visit(page, "#/alarms/log");
  await page.getByText("a trial").first().waitFor({ timeout: 10_000 });
  await context.close();
}

async function twinsPage() {
  const { context, page, watch } = await open("light", "desk");
  watch.where = "twin";
  await twin({ page, watch, visit, inspect, fail, out }, base);
  await context.close();
}

async function rulesPage() {
  const { context, page, watch } = await open("light", "desk");
  await rules({ page, watch, visit, inspect, fail, out }, await get("plant"), get);
  await context.close();
}

async function reportPage() {
  const { context, page, watch } = await open("light", "desk");
  await report({ page, watch, visit, inspect, fail, out }, await get("plant"));
  await context.close();
}

async function askingPages() {
  const { context, page, watch } = await open("light", "desk");
  await whatIf({ page, watch, visit, inspect, fail, out }, base, get);
  await checkCases({ page, watch, visit, inspect, fail, out }, base, get);
  await checkModels({ page, watch, visit, inspect, fail, out }, base, get);
  await context.close();
}

async function fleetPages() {
  const { context, page, watch } = await open("light", "desk");
  const kit = { page, watch, visit, inspect, fail, out };
  await fleet(kit, await get("plant"));
  await context.close();
  const moving = await open("light", "desk", "no-preference");
  moving.watch.where = "fleet of many";
  await manyMarkers({ ...kit, page: moving.page, watch: moving.watch }, base);
  await moving.context.close();
}

try {
  for (const theme of ["light", "dark"]) {
    for (const size of Object.keys(widths)) {
      console.log(`every page, ${size}, ${theme}`);
      await everyPage(theme, size);
    }
  }
  console.log("the shell: keyboard, language, a lost connection");
  await shell();
  console.log("the twin: create, change, subscribe, watch, delete");
  await twinsPage();
  console.log("the fleet: ten thousand moving devices");
  await fleetPages();
  console.log("the city: districts, and ten thousand objects");
  await cityPages();
  console.log("a limit: moved and moved back");
  await limits();
  console.log("rules: tried on the past");
  await rulesPage();
  console.log("compliance: a report, printed");
  await reportPage();
  console.log("what if: two futures");
  await askingPages();
  console.log("received alerts");
  await received();
  console.log("the operator: inject, find, explain, acknowledge");
  await operator();
} catch (error) {
  fail("run", error.stack ?? String(error));
} finally {
  await browser.close();
}
console.log(failures.length === 0 ? "all pages are well" : `${failures.length} failures`);
process.exit(failures.length === 0 ? 0 : 1);
