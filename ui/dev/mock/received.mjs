// Alerts that others sent to the make-believe plant.
const begun = Date.now();

function alert(id, more) {
  return {
    id,
    source: "json",
    subscription: "",
    entity: "",
    type: "",
    values: [],
    message: { en: "", fr: "" },
    priority: "medium",
    at_ms: null,
    first_ms: begun - 1000 * id,
    last_ms: begun - 1000 * id,
    count: 1,
    over: false,
    passed_on: [],
    ...more,
  };
}

const all = [
  alert(3, {
    source: "ngsi",
    subscription: "5f6a1b2c3d4e5f6a1b2c3d4e",
    entity: "Room1",
    type: "Room",
    values: [{ name: "temperature", value: "31.5" }],
    message: { en: "temperature is 31.5", fr: "temperature vaut 31.5" },
    priority: "high",
    first_ms: begun - 3_600_000,
    count: 352,
    passed_on: [
      { notifier: "email-1", what: "raised", told_ms: begun - 3_599_000 },
      { notifier: "slack-2", what: "raised", told_ms: null },
    ],
  }),
  alert(2, {
    source: "alertmanager",
    subscription: "sosie",
    entity: "station:9090",
    type: "TargetDown",
    message: { en: "station:9090 does not answer", fr: "" },
    priority: "critical",
    over: true,
  }),
  alert(1, { message: { en: "door open", fr: "" }, priority: "low" }),
];

export const received = () => ({
  alerts: all,
  total: 3,
  open: 2,
  received: 354,
  refused: 1,
  version: 1,
  fold_s: 600,
  notifiers: [
    { name: "email-1", told: 3, dropped: 0, waiting: 0, error: "" },
    { name: "slack-2", told: 0, dropped: 0, waiting: 3, error: "hooks.slack.com: answered 503" },
  ],
});

export const receivedOne = (id) => ({
  ...all.find((one) => one.id === Number(id)),
  raw: '{"subscriptionId":"5f6a","data":[{"id":"Room1","type":"Room","temperature":31.5}]}',
});
