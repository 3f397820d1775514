// node dev/mock-server.mjs --pages DIR [--port 8190] [--recording] [--fleet N | --city N]: docs/api.md from a make-believe
// plant, and the pages built into DIR. For developing and testing the pages; no part of Sosie.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { parseArgs } from "node:util";
import { answer, now, served, status, valueAt } from "./mock/answers.mjs";
import { begin, step } from "./mock/events.mjs";

const { values: args } = parseArgs({
  options: {
    port: { type: "string", default: "8190" },
    pages: { type: "string", default: "dist" },
    recording: { type: "boolean" },
    fleet: { type: "string" },
    city: { type: "string" },
  },
});
const types = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};

begin(now());
setInterval(() => step(now()), 500).unref();

function live(request, response, wanted) {
  response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
  const ids =
    wanted === "all"
      ? served.series.map((s) => s.id)
      : wanted.split(",").filter(Boolean).map(Number);
  let sent = 0;
  const beat = () => {
    const t = Math.floor(now() / 5000) * 5000;
    if (t > sent) {
      const quality = (id) => (id === 41 ? 1 : id === 52 ? 2 : 0);
      const v = ids.map((id) => [id, valueAt(id, t), quality(id), t]);
      response.write(`event: values\ndata: ${JSON.stringify({ t, v })}\n\n`);
      sent = t;
    }
    response.write(`event: status\ndata: ${JSON.stringify(status())}\n\n`);
  };
  beat();
  const timer = setInterval(beat, 500);
  request.on("close", () => clearInterval(timer));
}

function file(response, path) {
  const name = normalize(path === "/" ? "/index.html" : path);
  try {
    const body = readFileSync(join(args.pages, name));
    response.writeHead(200, {
      "Content-Type": types[extname(name)] ?? "application/octet-stream",
      "Content-Security-Policy":
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:",
    });
    response.end(body);
  } catch {
    response.writeHead(404).end();
  }
}

const server = createServer(async (request, response) => {
  const url = new URL(request.url, "http://localhost");
  if (!url.pathname.startsWith("/api/")) return file(response, url.pathname);
  const path = url.pathname.slice(5);
  if (path === "live") return live(request, response, url.searchParams.get("series") ?? "");
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString();
  const isToml = request.headers["content-type"] === "application/toml";
  const body = isToml ? text : text === "" ? {} : JSON.parse(text);
  const { status: code, body: said } = answer(
    request.method,
    path,
    Object.fromEntries(url.searchParams),
    body,
  );
  if (said instanceof Uint8Array) return response.writeHead(code).end(said);
  response.writeHead(code, { "Content-Type": "application/json" }).end(JSON.stringify(said));
});
server.listen(Number(args.port), "127.0.0.1", () => console.log(`http://127.0.0.1:${args.port}/`));
