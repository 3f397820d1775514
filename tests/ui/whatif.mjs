// Two futures of the plant, as somebody at the page asks for them: a fault and a setpoint, what they
// lead to, a fault that is undone, nothing to ask. For pages.mjs.
import { join } from "node:path";

async function show(page) {
  await page.getByRole("button", { name: "Show both futures" }).click();
  await page.locator(".whatif-result").waitFor({ timeout: 30_000 });
}

/// A sensor that another rests on: with a fault of its own it must lead the table.
async function fault({ page, visit, inspect, fail, out }, types) {
  await visit(page, "#/whatif");
  await inspect(page, "what if, the form");
  const type = types.find(({ name }) => name === "stuck") ?? types[0];
  await page.selectOption("select[name=fault]", type.name);
  await page.fill("input[name=minutes]", "300");
  await show(page);
  await page.locator(".whatif-said").filter({ hasText: "What if:" }).waitFor();
  const rows = page.locator(".whatif-result table").last().locator("tbody tr");
  if ((await rows.count()) === 0) fail("what if", "a stuck sensor makes no difference");
  await page.locator(".whatif-curve canvas").first().waitFor({ timeout: 10_000 });
  await inspect(page, "what if, both futures");
  await page.screenshot({ path: join(out, "whatif.png"), fullPage: true });
}

/// Drawn curves come and go by the table's buttons; the plant stays as it was.
async function setpoint({ page, visit, inspect, fail, out }, get) {
  const { setpoints } = await get("simulator");
  if (setpoints.length === 0) return;
  const [one] = setpoints;
  await visit(page, "#/whatif");
  await page.selectOption("select[name=fault]", "");
  await page.selectOption("select[name=setpoint]", one.name);
  await page.fill("input[name=value]", String((one.low + one.value) / 2));
  await page.getByRole("button", { name: "48 h" }).click();
  await show(page);
  await page.locator(".whatif-said").filter({ hasText: "instead of" }).waitFor({ timeout: 30_000 });
  const curves = page.locator(".whatif-curve");
  const before = await curves.count();
  await page.getByRole("button", { name: /^Draw /, pressed: false }).first().click();
  if ((await curves.count()) !== before + 1) fail("what if", "a chosen sensor is not drawn");
  await curves.first().getByRole("button", { name: "Hide" }).click();
  if ((await curves.count()) !== before) fail("what if", "a hidden curve is still there");
  await inspect(page, "what if, a setpoint");
  await page.screenshot({ path: join(out, "whatif-setpoint.png"), fullPage: true });
  const now = (await get("simulator")).setpoints[0].value;
  if (now !== one.value) fail("what if", `the plant's own setpoint moved to ${now}`);
}

/// A fault that runs, from the simulator's page: "what if not?".
async function undone({ page, visit, inspect, fail, out }, base, types) {
  const type = types.find(({ targets }) => targets.length > 0) ?? types[0];
  const answer = await fetch(new URL("api/simulator/faults", base), {
    method: "POST",
    body: JSON.stringify({ fault: type.name, minutes: 600 }),
  });
  const { label } = await answer.json();
  await visit(page, "#/simulator");
  await page.locator(`a[href="#/whatif/undo-${label}"]`).click({ timeout: 15_000 });
  await page.waitForFunction(
    (id) => document.querySelector("select[name=undo]")?.value === id,
    String(label),
    { timeout: 10_000 },
  );
  await show(page);
  await page.locator(".whatif-said").filter({ hasText: "undone" }).waitFor({ timeout: 30_000 });
  await inspect(page, "what if, undone");
  await page.screenshot({ path: join(out, "whatif-undone.png"), fullPage: true });
  const ended = await fetch(new URL(`api/simulator/faults/${label}`, base), { method: "DELETE" });
  if (ended.status !== 204) fail("what if", "the fault that was undone in a future is gone from now");
}

async function isNothingToAsk({ page, visit, fail }) {
  await visit(page, "#/whatif");
  await page.getByText("First choose what is to be otherwise.").waitFor({ timeout: 15_000 });
  const go = page.getByRole("button", { name: "Show both futures" });
  if (await go.isEnabled()) fail("what if", "two futures can be asked for without a change");
  const weather = page.locator("select[name=weather]");
  await weather.selectOption({ index: 1 });
  if (await go.isDisabled()) fail("what if", "a weather is no change");
  await weather.selectOption("");
  if (await go.isEnabled()) fail("what if", "a change that was taken back is one still");
}

export async function whatIf(kit, base, get) {
  const simulator = await get("simulator").catch(() => ({ available: false }));
  if (!simulator.available) return;
  kit.watch.where = "what if";
  await fault(kit, simulator.types);
  await setpoint(kit, get);
  await undone(kit, base, simulator.types);
  await isNothingToAsk(kit);
}
