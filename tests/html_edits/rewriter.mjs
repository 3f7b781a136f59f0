// Asks the rewriter, many questions at a time.
import { spawn } from "node:child_process";

/** The answers to `rows`, in order. */
export function rewritten(binary, rows) {
  return new Promise((resolve, reject) => {
    const child = spawn(binary, ["probe", "rewrite"], { stdio: ["pipe", "pipe", "inherit"] });
    const chunks = [];
    child.stdout.on("data", (chunk) => chunks.push(chunk));
    child.on("error", reject);
    child.on("close", (code, signal) => {
      const lines = Buffer.concat(chunks).toString().split("\n").filter(Boolean);
      if (code !== 0 || lines.length !== rows.length) {
        return reject(new Error(`${binary} ended with ${signal ?? code} after ${lines.length} of ${rows.length} pages`));
      }
      resolve(lines.map((line) => JSON.parse(line)));
    });
    child.stdin.on("error", () => {});
    child.stdin.end(rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  });
}
