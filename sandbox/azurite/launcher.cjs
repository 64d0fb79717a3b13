// Runs Azurite's blob service and lets the sandbox add storage accounts while it runs.
//
// Azurite reads its accounts from AZURITE_ACCOUNTS when it starts and again every
// minute; here a request on a loopback port sets that variable and asks for the same
// refresh at once. Nothing else of Azurite is touched: its own arguments are passed on.
"use strict";

const fs = require("fs");
const http = require("http");

const controlPort = Number(process.env.SANDBOX_CONTROL_PORT);
const token = process.env.SANDBOX_TOKEN;
const pidFile = process.env.SANDBOX_PID_FILE;
const LOOK_EVERY = 2000; // milliseconds between two looks at the pid file
const { BlobServerFactory } = require("azurite/dist/src/blob/BlobServerFactory");

// Azurite falls back to its well-known development account when the list is empty,
// so the list always holds this one, whose name no request can carry.
const RESERVED = "sandboxreserved:" + Buffer.from("sandbox").toString("base64");

function setAccounts(accounts) {
  const entries = Object.entries(accounts).map(([name, key]) => `${name}:${key}`);
  process.env.AZURITE_ACCOUNTS = [RESERVED, ...entries].join(";");
}

// A folder that was removed while its sandbox ran leaves no process behind. Nothing is
// written to disk in the end: the files may be a successor's.
function endWhenDisowned() {
  fs.readFile(pidFile, "utf8", (error, text) => {
    let pid = process.pid;
    try {
      if (!error) pid = JSON.parse(text).pid;
    } catch {
      return; // being written
    }
    if (pid !== process.pid || (error && error.code === "ENOENT")) process.exit(1);
  });
}

function fail(message) {
  console.error(`error: ${message}`);
  process.exit(1);
}

async function main() {
  setAccounts(JSON.parse(process.env.SANDBOX_ACCOUNTS || "{}"));
  delete process.env.SANDBOX_ACCOUNTS;
  const server = await new BlobServerFactory().createServer();
  if (!server.accountDataStore || typeof server.accountDataStore.refresh !== "function") {
    fail("this version of Azurite keeps its accounts elsewhere; install the one of package-lock.json");
  }
  await server.start();

  const control = http.createServer((request, response) => {
    const answer = (status, body) => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(body));
    };
    if (request.headers["x-sandbox-token"] !== token) return answer(403, { error: "wrong token" });
    if (request.method === "GET" && request.url === "/health") return answer(200, { pid: process.pid });
    if (request.method !== "PUT" || request.url !== "/accounts") return answer(404, { error: "unknown" });
    let text = "";
    request.on("data", (chunk) => (text += chunk));
    request.on("end", () => {
      try {
        setAccounts(JSON.parse(text));
      } catch (error) {
        return answer(400, { error: String(error) });
      }
      server.accountDataStore.refresh();
      answer(200, {});
    });
  });
  control.on("error", (error) => fail(error.message));
  control.listen(controlPort, "127.0.0.1");
  if (pidFile) setInterval(endWhenDisowned, LOOK_EVERY);

  const stop = () => {
    control.close();
    // Closing writes Azurite's metadata to disk; connections kept open by clients don't delay it.
    server.close().then(() => process.exit(0), (error) => fail(error.message));
  };
  process.once("SIGTERM", stop).once("SIGINT", stop);
}

main().catch((error) => fail(error.message));
