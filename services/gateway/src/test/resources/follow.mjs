// Follows a view with the client for JavaScript, and writes each state as a line: position, and amounts by key.
import {pathToFileURL} from "node:url";

const [client, hub, key, view] = process.argv.slice(2);
const {MillraceLive} = await import(pathToFileURL(client));
const live = new MillraceLive(hub, {key});
const followed = live.follow({view}, change => {
  const rows = Object.fromEntries([...followed.rows].map(([rowKey, row]) => [rowKey, row.amount]));
  console.log(JSON.stringify({lsn: change.lsn, rows}));
}, (problem, ended) => console.log(JSON.stringify({problem, ended})));
process.stdin.on("data", () => {}).on("close", () => {
  live.close();
  process.exit(0);
});
