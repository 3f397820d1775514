// Settings for a Node-RED that lets nobody in without a password, and speaks TLS (README.md):
//
//   node red.js --userDir DIR --settings deploy/node-red/settings.js
//
// X_FILE=/run/secrets/x in the environment becomes X with what is in the file, for these and for what
// the flow asks for:
//   NODE_RED_ADMIN_PASSWORD   of `admin`, in the editor
//   NODE_RED_PAGES_PASSWORD   of `city`, on the flow's pages (the slider) and its webhook
//   NODE_RED_KEY              with which it encrypts the credentials that it keeps
//   NODE_RED_HOST, NODE_RED_PORT               127.0.0.1 and 1880
//   NODE_RED_CERTIFICATE, NODE_RED_PRIVATE     files; without them plain HTTP, on loopback only
//   NODE_RED_DIR                               as --userDir: gets flows.json at the first start
const fs = require("node:fs");
const path = require("node:path");
const bcrypt = require.main.require("bcryptjs"); // Node-RED's own

for (const [name, file] of Object.entries(process.env)) {
  if (!name.endsWith("_FILE")) continue;
  process.env[name.slice(0, -"_FILE".length)] = fs.readFileSync(file, "utf8").trim();
  delete process.env[name];
}

// It leaves the environment here: nodes can read that.
function secret(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set, nor ${name}_FILE`);
  delete process.env[name];
  return value;
}

const env = process.env;
const host = env.NODE_RED_HOST ?? "127.0.0.1";
const tls = env.NODE_RED_CERTIFICATE && {
  cert: fs.readFileSync(env.NODE_RED_CERTIFICATE),
  key: fs.readFileSync(env.NODE_RED_PRIVATE),
  minVersion: "TLSv1.2",
};
if (!tls && !["127.0.0.1", "::1", "localhost"].includes(host)) {
  throw new Error(`${host} is not loopback: give NODE_RED_CERTIFICATE and NODE_RED_PRIVATE`);
}

// What the editor changes is kept: so the flow is copied where it is not there yet.
const folder = env.NODE_RED_DIR ?? "/data";
fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
for (const file of ["flows.json", "flows_cred.json"]) {
  const own = path.join(folder, file);
  if (!fs.existsSync(own)) fs.writeFileSync(own, fs.readFileSync(path.join(__dirname, file)), { mode: 0o600 });
}

module.exports = {
  uiHost: host,
  uiPort: Number(env.NODE_RED_PORT ?? 1880),
  https: tls || undefined,
  flowFile: "flows.json",
  credentialSecret: secret("NODE_RED_KEY"),
  adminAuth: {
    type: "credentials",
    users: [{ username: "admin", password: bcrypt.hashSync(secret("NODE_RED_ADMIN_PASSWORD"), 10), permissions: "*" }],
  },
  httpNodeAuth: { user: "city", pass: bcrypt.hashSync(secret("NODE_RED_PAGES_PASSWORD"), 10) },
  functionExternalModules: false,
  externalModules: { autoInstall: false, palette: { allowInstall: false, allowUpload: false } },
  diagnostics: { enabled: false, ui: false },
  telemetry: { enabled: false, updateNotification: false },
  logging: { console: { level: "info", metrics: false, audit: false } },
};
