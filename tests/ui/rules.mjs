// Rules: one that is in force is moved and put back. Tried on the past: one that must have fired did,
// for the right series; one that is wrong is refused with the line that is. For pages.mjs.
import { join } from "node:path";

const day_ms = 86_400_000;

/// A series that has moved, and a level that it was above and below.
async function moved(get, plant) {
  const newest = (await get("system")).store.newest_ms;
  for (const info of plant.series.filter(({ unit }) => !unit.startsWith("0/1")).slice(0, 40)) {
    const span = `from=${newest - day_ms}&to=${newest}`;
    const { min, max } = await get(`series/${info.id}/history?${span}&points=100`);
    const [low, high] = [Math.min(...min.filter(Number.isFinite)), Math.max(...max.filter(Number.isFinite))];
    const level = Number(((low + high) / 2).toPrecision(6));
    if (low < level && level < high) return { info, level };
  }
  return null;
}

async function fires({ page, visit, inspect, fail, out }, { info, level }) {
  await visit(page, `#/rules/${encodeURIComponent(info.name)}`);
  await inspect(page, "rules, a form");
  await page.locator("input[name=high]").fill(String(level));
  await page.locator("input[name=deadband]").fill("0");
  await page.locator("select[name=on_delay]").selectOption("0s");
  await page.getByRole("button", { name: "Try it" }).press("Enter");
  const said = page.locator(".rule-verdict").filter({ hasText: /Would have fired .* in the last 30/ });
  await said.waitFor({ timeout: 60_000 });
  await page.locator(".rule-result .chart canvas").waitFor({ timeout: 10_000 });
  const row = page.locator(".rule-result .rule-said a").first();
  if (!(await row.innerText()).includes("above")) fail("rules", "an episode is not told as one");
  await inspect(page, "rules, what came of it");
  await page.screenshot({ path: join(out, "rules-fired.png"), fullPage: true });
  await row.click();
  await page.waitForFunction((id) => location.hash === `#/sensor/${id}`, info.id);
}

async function isRefused({ page, watch, visit, fail, out }) {
  await visit(page, "#/rules");
  await page.getByText("As TOML").click();
  const text = page.getByRole("textbox", { name: "Rules in TOML" });
  await text.fill((await text.inputValue()).replace("on_delay", "on_dealy"));
  watch.quiet = true;  // of the 400
  await page.getByRole("button", { name: "Try it" }).click();
  const said = page.getByRole("alert").filter({ hasText: "on_dealy" });
  await said.waitFor({ timeout: 10_000 });
  if (!/line|:\d+/.test(await said.innerText())) fail("rules", "the line that is wrong is not told");
  await page.screenshot({ path: join(out, "rules-refused.png") });
  watch.quiet = false;
  await page.getByRole("button", { name: "Take the form's again" }).click();
  if (!(await text.inputValue()).includes("on_delay")) fail("rules", "the form's text is not back");
}

async function isMoved({ page, watch, visit, inspect, fail, out }, get) {
  const upper = (all) => all.rules.find(({ kind, high }) => kind === "limit" && typeof high === "number");
  const rule = upper(await get("rules"));
  if (!rule) return console.log("  (the scenario has no rule with an upper limit)");
  watch.where = "rules in force";
  await visit(page, "#/rules");
  const button = page.getByRole("button", { name: `Change the limit of ${rule.name}`, exact: true });
  const line = page.getByRole("row").filter({ has: button });
  const change = async (act) => {
    await button.click();
    await line.locator("input[name=who]").fill("Ana");
    await act();
    await line.locator("form").waitFor({ state: "detached", timeout: 10_000 });
  };
  await change(async () => {
    await line.locator("input[name=high]").fill(String(rule.high + 1));
    await inspect(page, "rules in force, a form");
    await line.getByRole("button", { name: "Apply" }).click();
  });
  await line.filter({ hasText: "scenario" }).waitFor({ timeout: 10_000 });
  if (upper(await get("rules")).high !== rule.high + 1) fail("rules", "the limit was not moved");
  await page.getByRole("list", { name: "Changes of limits" }).filter({ hasText: "Ana" }).waitFor();
  await page.screenshot({ path: join(out, "rules-moved.png") });
  await change(() => line.getByRole("button", { name: "Back to the scenario's" }).click());
  if (upper(await get("rules")).high !== rule.high) fail("rules", "the limit is not as it was");
}

export async function rules(kit, plant, get) {
  await isMoved(kit, get);
  const one = await moved(get, plant);
  if (!one) return console.log("  (no series has moved yet)");
  kit.watch.where = "rules";
  await fires(kit, one);
  await isRefused(kit);
}
