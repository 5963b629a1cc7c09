// nodemailer's pool, as a line of JSON: node pooled.mjs PORT MAILS CONNECTIONS BYTES
// Each mail has its own address and link in both its parts. Nothing is stored.
import { createRequire } from "node:module";
const nodemailer = createRequire(process.cwd() + "/")("nodemailer");
const [port, mails, connections, bytes] = process.argv.slice(2).map(Number);
const line = "Average caseloads in the community teams are down on last year, and nobody feels it.\n";
const words = line.repeat(Math.round((bytes - 1500) / line.length / 2));
const transport = nodemailer.createTransport({
  host: "127.0.0.1", port, ignoreTLS: true, pool: true, maxConnections: connections, maxMessages: Infinity,
});
const mail = (number) => {
  const to = `reader${number}@reader.example`;
  const leave = `https://blog.example/leave/${number}`;
  return {
    from: "news@blog.example", to, subject: "Caseloads are falling. Plus 9 more",
    headers: { "List-Unsubscribe": `<${leave}>` },
    text: `${words}Sent to ${to}. Leave: ${leave}\n`,
    html: `<!DOCTYPE html><html><body><p>${words}</p><p>Sent to ${to}. <a href="${leave}">Leave</a></p></body></html>`,
  };
};
const began = performance.now();
let next = 0;
// As many mails wait for the pool as keep it busy: all at once would measure the garbage collector.
const feed = async () => {
  while (next < mails) await transport.sendMail(mail(next++));
};
await Promise.all(Array.from({ length: connections * 2 }, feed));
console.log(JSON.stringify({ seconds: (performance.now() - began) / 1000 }));
transport.close();
