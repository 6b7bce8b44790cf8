// Measures croner: `node main.js next CASES`.
import { readFileSync } from "node:fs";
import { Cron } from "croner";

const START = 1704067200, SPAN = 315360000, STEP = 194903201; // as in cron/cases.h
const MOST = 1000, ROUNDS = 3, ROUND_US = 4000;
const ZONES = ["Europe/Berlin", "America/New_York", "UTC"];
const instants = Array.from({ length: MOST }, (_, i) => new Date((START + (i * STEP) % SPAN) * 1000));
let kept;

function cpu() {
  const used = process.cpuUsage();
  return used.user + used.system;
}

// Nanoseconds a call: the median of the rounds, each of the first calls that take about ROUND_US.
function measure(call) {
  let count = 0, begun = cpu();
  while (count < 20 || (count < MOST && cpu() - begun < ROUND_US)) call(count++);
  const figures = [];
  for (let round = 0; round < ROUNDS; round++) {
    let repeats = 0;
    begun = cpu();
    while (repeats === 0 || cpu() - begun < ROUND_US) {
      for (let i = 0; i < count; i++) call(i);
      repeats++;
    }
    figures.push(((cpu() - begun) * 1000) / (repeats * count));
  }
  return figures.sort((a, b) => a - b)[ROUNDS >> 1];
}

function answersOf(cron) {
  return instants.slice(0, 20).map((from) => {
    const answer = cron.nextRun(from);
    return answer === null ? "-" : answer.getTime() / 1000;
  }).join(",");
}

function measureCase(number, expression) {
  try {
    new Cron(expression);
  } catch {
    return;
  }
  ZONES.forEach((timezone, zone) => {
    const cron = new Cron(expression, { timezone });
    const ns = measure((i) => { kept = cron.nextRun(instants[i]); });
    console.log(`next\t${number}\t${zone}\t${ns.toFixed(1)}\t${answersOf(cron)}`);
  });
  const parse = measure(() => { kept = new Cron(expression, { timezone: "Europe/Berlin" }); });
  console.log(`parse\t${number}\t${parse.toFixed(1)}`);
}

const packages = JSON.parse(readFileSync(new URL("package-lock.json", import.meta.url), "utf8")).packages;
console.log(`version\tcroner ${packages["node_modules/croner"].version}, Node.js ${process.version}`);
const lines = readFileSync(process.argv[3], "utf8").split("\n");
lines.map((line) => line.split("\t")).filter((columns) => columns.length === 3)
  .forEach((columns, number) => measureCase(number, columns[1]));
