// The twin: an entity is created, changed and charted, a subscription is made and its notification
// seen as it comes, and what the broker refuses is said where it was done. For pages.mjs.
import { join } from "node:path";

const room = "UiTestRoom";

async function createEntity({ page, visit, inspect, out }) {
  await visit(page, "#/twin");
  await inspect(page, "twin entities");
  await page.getByRole("button", { name: "New entity" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.locator("input[name=id]").fill(room);
  await dialog.locator("input[name=type]").fill("Room");
  await dialog.getByLabel("Name", { exact: true }).fill("temperature");
  await dialog.getByLabel("Value", { exact: true }).fill("21.5");
  await inspect(page, "twin new entity");
  await page.screenshot({ path: join(out, "twin-1-create.png") });
  await dialog.getByRole("button", { name: "Create" }).click();
  await page.getByRole("heading", { name: room }).waitFor({ timeout: 10_000 });
}

/// Types a value into the dialog of an attribute that is there.
async function edit(page, attribute, value) {
  await page.getByRole("button", { name: `Edit ${attribute}` }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Value", { exact: true }).fill(value);
  await dialog.getByRole("button", { name: "Save" }).click();
  return dialog;
}

async function editEntity({ page, inspect, fail, out }, send) {
  const row = page.locator("tr", { hasText: "temperature" }).first();
  await edit(page, "temperature", "warm").then((dialog) =>
    dialog.getByRole("alert").filter({ hasText: "no number" }).waitFor({ timeout: 5000 }),
  );
  await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
  await edit(page, "temperature", "22.5");
  await row.getByText("22.5").waitFor({ timeout: 5000 });

  await page.getByRole("button", { name: "Add an attribute" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name", { exact: true }).fill("note");
  await dialog.getByLabel("Kind of value").selectOption("text");
  await dialog.getByLabel("Value", { exact: true }).fill("being tested");
  await dialog.getByRole("button", { name: "Add" }).click();
  await page.getByText("being tested").waitFor({ timeout: 5000 });

  // What another client changes is seen without a hand being moved.
  await send("PATCH", `entities/${room}/attrs`, { temperature: { value: 23.25 } });
  await row.getByText("23.25").waitFor({ timeout: 5000 });
  await page.locator(".chart canvas").waitFor({ timeout: 10_000 });
  if (!/23\.25|mean|every value/.test(await page.locator(".chart-read").innerText())) {
    fail("twin", "the chart of the history does not say what it shows");
  }
  await inspect(page, "twin entity");
  await page.screenshot({ path: join(out, "twin-2-entity.png") });
}

async function refusal({ page, watch, visit }) {
  watch.quiet = true;
  await visit(page, "#/twin");
  await page.locator("input[name=q]").fill("temperature>>5;");
  await page.getByRole("button", { name: "Search" }).click();
  await page.getByRole("alert").filter({ hasText: "does not take this" }).waitFor({ timeout: 5000 });
  await page.getByRole("button", { name: "Clear" }).click();
  await page.getByRole("alert").waitFor({ state: "detached", timeout: 5000 });
  watch.quiet = false;
  await page.locator("input[name=idPattern]").fill(`^${room}$`);
  await page.getByRole("button", { name: "Search" }).click();
  await page.getByRole("link", { name: room }).waitFor({ timeout: 5000 });
  await page.getByText("1 – 1 of 1").waitFor({ timeout: 5000 });
}

async function subscribe({ page, visit, inspect, out }, send) {
  await visit(page, "#/twin/subscriptions%2Fnew");
  await page.getByLabel("Description").fill("ui test");
  await page.getByLabel("Which entities").selectOption("id");
  await page.getByLabel("Id", { exact: true }).fill(room);
  await page.getByLabel("When one of these changes").fill("temperature");
  await page.getByLabel("Only if (q)").fill("temperature>30");
  await inspect(page, "twin new subscription");
  await page.getByRole("button", { name: "Subscribe" }).click();
  await page.getByRole("heading", { name: "ui test" }).waitFor({ timeout: 10_000 });
  const notices = page.getByRole("log");
  await page.getByRole("status").filter({ hasText: "live" }).waitFor({ timeout: 10_000 });

  await send("PATCH", `entities/${room}/attrs`, { temperature: { value: 25 } });
  await send("PATCH", `entities/${room}/attrs`, { temperature: { value: 31 } });
  await notices.locator("summary").filter({ hasText: "31" }).waitFor({ timeout: 5000 });

  // What comes while nobody looks is there when he looks again, and stands first.
  await page.getByRole("button", { name: "Hold" }).click();
  await send("PATCH", `entities/${room}/attrs`, { temperature: { value: 32 } });
  await page.getByRole("button", { name: "Go on" }).click();
  const newest = notices.locator("li").first().locator("summary");
  await newest.filter({ hasText: "32" }).waitFor({ timeout: 5000 });
  const { length } = await notices.locator("li").all();
  if (length !== 2) throw new Error(`twin: ${length} notifications are shown, not 2`);
  await inspect(page, "twin subscription");
  await page.screenshot({ path: join(out, "twin-3-watch.png") });

  await page.getByRole("button", { name: "Pause" }).click();
  await page.locator(".tag", { hasText: "paused" }).first().waitFor({ timeout: 5000 });
  await page.getByRole("button", { name: "Resume" }).click();
  await page.locator(".tag", { hasText: "active" }).first().waitFor({ timeout: 5000 });
}

async function removeAll({ page, watch, visit, fail }, send) {
  watch.quiet = true; // what is deleted may be asked for once more before the page is left
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await page.getByRole("link", { name: "New subscription" }).waitFor({ timeout: 5000 });
  await visit(page, `#/twin/entity%2F${room}%2FRoom`);
  await page.getByRole("button", { name: "Delete the entity" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await page.locator("input[name=q]").waitFor({ timeout: 5000 });
  const { status } = await send("GET", `entities/${room}`);
  if (status !== 404) fail("twin", `the deleted entity still answers ${status}`);
}

/// `at`: the page, and pages.mjs' own means.
export async function twin(at, base) {
  const send = (method, path, body) =>
    fetch(new URL(`v2/${path}`, base), {
      method,
      ...(body ? { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) } : {}),
    });
  await send("DELETE", `entities/${room}`);
  await createEntity(at);
  await editEntity(at, send);
  await refusal(at);
  await subscribe(at, send);
  await removeAll(at, send);
}
