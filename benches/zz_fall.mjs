import { readFile, stat } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { chromium } from "playwright-core";
const dist = process.argv[2] ?? "/work/main/dist/";
const types = { ".css": "text/css", ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".json": "application/json", ".svg": "image/svg+xml", ".wasm": "application/wasm" };
const packed = new Map(); let t0=0; const log=[];
const server = createServer(async (request, response) => {
  const path = new URL(request.url, "http://localhost").pathname;
  const file = join(dist, path.endsWith("/") ? `${path}index.html` : path);
  const at = performance.now()-t0;
  if (!(await stat(file).catch(() => undefined))?.isFile()) return response.writeHead(404).end();
  if (!packed.has(file)) packed.set(file, gzipSync(await readFile(file), { level: 9 }));
  const isPacked = !file.endsWith(".gz");
  const body = isPacked ? packed.get(file) : await readFile(file);
  log.push([at.toFixed(0), path, body.length]);
  response.writeHead(200, { "content-type": types[extname(file)] ?? "application/octet-stream", "content-length": body.length, ...(isPacked ? { "content-encoding": "gzip" } : {}) }).end(body);
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
for (const net of [null, { megabits: 9, latency: 60 }]) for (let i=0;i<3;i++){
 const context = await browser.newContext({ serviceWorkers: "block" });
 const page = await context.newPage();
 if(net){const d = await context.newCDPSession(page); await d.send("Network.emulateNetworkConditions", { offline: false, latency: net.latency, downloadThroughput: net.megabits*1e6/8, uploadThroughput: 1e6 });}
 log.length=0; t0=performance.now();
 await page.goto(`http://127.0.0.1:${server.address().port}/`, { waitUntil: "commit" });
 await page.locator("#forecast .line").first().waitFor();
 const res = await page.evaluate(()=>({now:performance.now(), paint: performance.getEntriesByType("paint").map(e=>[e.name,e.startTime|0]), r: performance.getEntriesByType("resource").map(e=>[e.name.split("/").pop(), e.startTime|0, e.responseEnd|0])}));
 console.log(net, (performance.now()-t0).toFixed(0), res.now.toFixed(0), JSON.stringify(res.paint)); if(i==2){for(const l of log) console.log("  ", ...l); for (const r of res.r) console.log("    ", ...r);}
 await context.close();
}
await browser.close(); server.close();
