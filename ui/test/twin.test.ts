import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { entityOf, headersOf, unescaped } from "../pages/twin/broker.ts";
import {
  draftOf,
  emptyDraft,
  readDraft,
  type SubscriptionDraft,
  subscriptionBody,
  withKind,
} from "../pages/twin/draft.ts";
import { placeToWrite } from "../pages/twin/edit.tsx";
import { historyOf, stepFor } from "../pages/twin/history.ts";
import twin from "../pages/twin/page.tsx";
import { entityLink } from "../pages/twin/parts.tsx";
import { eventReader } from "../pages/twin/stream.ts";
import { keyOf } from "../pages/twin/twin.tsx";
import { decimalsOf, kindOf, listOf, readField, shownText } from "../pages/twin/values.ts";
import { kept, take, told, watchOf } from "../pages/twin/watch.ts";
import { parseHash } from "../src/router.ts";

test("an entity: what the broker adds stands apart from what the user gave", () => {
  const entity = entityOf({
    id: "Room1",
    type: "Room",
    temperature: {
      type: "Number",
      value: 21.5,
      metadata: {
        unit: { type: "Text", value: "CEL" },
        dateModified: { type: "DateTime", value: "2026-11-29T01:00:00.000Z" },
      },
    },
    dateCreated: { type: "DateTime", value: "2026-11-28T00:00:00.000Z", metadata: {} },
    servicePath: { type: "Text", value: "/city", metadata: {} },
  } as { id: string; type: string });
  equal(entity.path, "/city");
  equal(entity.created, "2026-11-28T00:00:00.000Z");
  equal(entity.modified, null);
  deepEqual(
    entity.attributes.map(({ name, metadata, modified }) => [name, metadata, modified]),
    [["temperature", { unit: { type: "Text", value: "CEL" } }, "2026-11-29T01:00:00.000Z"]],
  );
});

test("the address of an entity leads back to it", () => {
  for (const path of ["/", "/city/north"]) {
    const key = { id: "urn:ngsi-ld:Room:1", type: "Room", path };
    deepEqual(keyOf(parseHash(entityLink(key)).argument), key);
  }
  equal(keyOf("subscriptions"), null);
  equal(twin.title(), "Twin");
});

test("headers: only what was chosen, and the entity's own path before the page's", () => {
  deepEqual(headersOf({ tenant: "", path: "", token: "" }), {});
  deepEqual(headersOf({ tenant: "acme", path: "/a/#", token: "t" }, "/a/b"), {
    "Fiware-Service": "acme",
    "Fiware-ServicePath": "/a/b",
    "X-Auth-Token": "t",
  });
  equal(placeToWrite(""), "/");
  equal(placeToWrite("/#"), "/");
  equal(placeToWrite("/city/#, /other"), "/city");
});

test("the broker's words come unescaped", () => {
  equal(unescaped("a &lt;b&gt; &#39;c&#39; &amp;lt; &what;"), "a <b> 'c' &lt; &what;");
});

test("a field is read as the kind it is said to be", () => {
  equal(readField("number", "21.5"), 21.5);
  equal(readField("number", "21,5"), 21.5);
  equal(readField("number", "1e3"), 1000);
  for (const wrong of ["", " ", "1,000.5", "1,2,3", "abc", "Infinity"]) {
    equal(readField("number", wrong), undefined, wrong);
  }
  equal(readField("text", "21.5"), "21.5");
  equal(readField("boolean", "true"), true);
  equal(readField("none", "x"), null);
  deepEqual(readField("json", '{"a":[1]}'), { a: [1] });
  equal(readField("json", "{"), undefined);
  deepEqual(["x", 1, true, null, [1]].map(kindOf), ["text", "number", "boolean", "none", "json"]);
  deepEqual(listOf(" a, b,,c "), ["a", "b", "c"]);
});

test("values in a table, and their places", () => {
  equal(shownText(1042.25, "en"), "1,042.25");
  equal(shownText({ a: 1 }, "en"), '{"a":1}');
  equal(shownText(null, "en"), "–");
  equal(decimalsOf([1, 2.5, null, 3.25]), 2);
  equal(decimalsOf([0.123456]), 4);
  equal(decimalsOf([]), 0);
});

test("a draft: its type follows its kind, metadata are sent when they were changed", () => {
  equal(withKind(emptyDraft, "text").type, "Text");
  equal(withKind({ ...emptyDraft, type: "DateTime" }, "text").type, "DateTime");
  equal(withKind(emptyDraft, "boolean").field, "false");
  const draft = draftOf({
    name: "t",
    type: "Number",
    value: 1,
    metadata: { unit: { type: "Text", value: "CEL" } },
    created: null,
    modified: null,
  });
  deepEqual(readDraft({ ...draft, field: "2" }, draft.metadata), { value: 2, type: "Number" });
  deepEqual(readDraft({ ...draft, metadata: "" }, draft.metadata), {
    value: 1,
    type: "Number",
    metadata: {},
  });
  equal(readDraft({ ...draft, metadata: "[1]" }, draft.metadata), "metadata");
  equal(readDraft({ ...draft, field: "x" }), "number");
  equal(readDraft({ ...draft, kind: "json", field: "x" }), "json");
});

const subscription: SubscriptionDraft = {
  description: "",
  entities: [{ by: "all", id: "", type: "" }],
  attrs: "",
  q: "",
  receiver: "events",
  url: "",
  topic: "",
  notified: "",
  format: "normalized",
  onlyChanged: false,
  throttling: "",
  expires: null,
};

test("a subscription says no more than the form does", () => {
  deepEqual(subscriptionBody(subscription), {
    subject: { entities: [{ idPattern: ".*" }] },
    notification: { events: {}, attrsFormat: "normalized" },
  });
  deepEqual(
    subscriptionBody({
      ...subscription,
      description: "hot rooms",
      entities: [
        { by: "id", id: "Room1", type: "Room" },
        { by: "pattern", id: "^Lab", type: "" },
      ],
      attrs: "temperature, humidity",
      q: "temperature>30",
      receiver: "mqtt",
      url: "mqtt://127.0.0.1",
      topic: "rooms",
      notified: "temperature",
      format: "keyValues",
      onlyChanged: true,
      throttling: "5",
      expires: Date.UTC(2030, 0, 1),
    }),
    {
      description: "hot rooms",
      subject: {
        entities: [{ id: "Room1", type: "Room" }, { idPattern: "^Lab" }],
        condition: { attrs: ["temperature", "humidity"], expression: { q: "temperature>30" } },
      },
      notification: {
        mqtt: { url: "mqtt://127.0.0.1", topic: "rooms" },
        attrsFormat: "keyValues",
        attrs: ["temperature"],
        onlyChangedAttrs: true,
      },
      throttling: 5,
      expires: "2030-01-01T00:00:00.000Z",
    },
  );
});

test("history: steps keep a span to its points, and both forms make the same columns", () => {
  equal(stepFor(600_000, 600), "1s");
  equal(stepFor(3_600_000, 600), "10s");
  equal(stepFor(24 * 3_600_000, 600), "5m");
  equal(stepFor(1e15, 600), "7d");
  const raw = historyOf([{ time: "2026-11-29T00:00:01Z", value: 4 }], "raw");
  deepEqual([raw.t, raw.mean, raw.min, raw.max, raw.count], [[1795910401000], [4], [4], [4], [1]]);
  const rolled = historyOf(
    [{ time: "2026-11-29T00:00:00Z", mean: 2, min: 1, max: 3, count: 9 }],
    "1m",
  );
  deepEqual([rolled.mean, rolled.min, rolled.max, rolled.count], [[2], [1], [3], [9]]);
});

test("a stream is read in whatever pieces it comes", () => {
  const whole = 'id: 1\ndata: {"a":1}\n\n: here\n\nid: 2\ndata: two\ndata: lines\n\n:\n\n';
  const expected = [
    { id: "1", data: '{"a":1}' },
    { id: "", data: null },
    { id: "2", data: "two\nlines" },
    { id: "", data: null },
  ];
  deepEqual(eventReader()(whole), expected);
  const read = eventReader();
  deepEqual(
    [...whole].flatMap((letter) => read(letter)),
    expected,
  );
});

test("a watcher has the newest first, remembers where he was, and forgets what is long past", () => {
  const watch = watchOf("some");
  equal(watchOf("some"), watch);
  take(
    watch,
    [
      { id: "1", data: "a" },
      { id: "2", data: "b" },
    ],
    null,
  );
  take(watch, [{ id: "", data: null }], 5);
  take(watch, [{ id: "3", data: "c" }], 5);
  deepEqual(
    watch.notices.value.map((one) => [one.id, one.at]),
    [
      ["3", 5],
      ["2", null],
      ["1", null],
    ],
  );
  equal(watch.last, "3");
  for (let i = 4; i < kept + 10; i++) take(watch, [{ id: String(i), data: "x" }], 6);
  equal(watch.notices.value.length, kept);
});

test("a notification is understood in each of its formats", () => {
  const temperature = { type: "Number", value: 21, metadata: {} };
  deepEqual(told(JSON.stringify({ data: [{ id: "R", type: "Room", temperature }] })), [
    { id: "R", type: "Room", values: [["temperature", 21]] },
  ]);
  deepEqual(told(JSON.stringify({ data: [{ id: "R", type: "Room", temperature: 21 }] })), [
    { id: "R", type: "Room", values: [["temperature", 21]] },
  ]);
  deepEqual(told(JSON.stringify({ data: [[21, "x"]] })), [
    {
      id: "",
      type: "",
      values: [
        ["1", 21],
        ["2", "x"],
      ],
    },
  ]);
  deepEqual(told(JSON.stringify({ id: "R", type: "Room", temperature: 21 })), [
    { id: "R", type: "Room", values: [["temperature", 21]] },
  ]);
  equal(told("it is hot"), null);
  equal(told("12"), null);
  ok(told("[]")?.length === 0);
});
