// Live progress, local times, and a word about files that are too large. Every page works without this.
"use strict";

const STAGES = {
  intake: "Reading your files", starting: "Starting a sandbox", collecting: "Collecting the tests",
  testing: "Running the tests", scoring: "Adding up the points", done: "Writing the report", finished: "Finished",
};
const VERDICTS = {
  passed: "passed", failed: "failed", timeout: "took too long", crashed: "crashed",
  out_of_memory: "out of memory", not_run: "did not run",
};
const POLL_MS = 5000;
const KEPT_TICKS = 200;

function localTimes(root) {
  for (const time of root.querySelectorAll("time[datetime]")) {
    const moment = new Date(time.dateTime);
    time.textContent = moment.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
    time.title = time.dateTime;
  }
}

function waitingText(state) {
  if (state.retrying) return "Something broke on our side; it is tried again by itself.";
  if (state.state === "running") return "Being graded";
  if (state.place === 1) return "You are next.";
  return state.place ? `${state.place - 1} ahead of you.` : "Waiting for a free grader.";
}

function tick(event) {
  const list = document.getElementById("live-ticks");
  if (!event.test || !event.status || list.children.length >= KEPT_TICKS) return;
  const item = document.createElement("li");
  const mark = document.createElement("span");
  const name = document.createElement("code");
  const verdict = document.createElement("span");
  item.className = `test ${event.status}`;
  mark.className = "mark";
  mark.ariaHidden = "true";
  name.textContent = event.test.split("::").slice(1).join("::") || event.test;
  verdict.className = "verdict";
  verdict.textContent = VERDICTS[event.status] || event.status;
  item.append(mark, name, " ", verdict);
  list.append(item);
}

function showProgress(event) {
  const text = document.getElementById("live-text");
  const bar = document.getElementById("live-bar");
  if (!text || !bar) return;
  if (event.stage === "intake") document.getElementById("live-ticks").replaceChildren();
  if (event.stage in STAGES) {
    const words = STAGES[event.stage];
    if (text.textContent !== words) text.textContent = words;
  }
  if (event.total > 0) {
    bar.max = event.total;
    bar.value = event.done;
  } else if (!["scoring", "done", "finished"].includes(event.stage)) {
    bar.removeAttribute("value");
  }
  tick(event);
}

function refresh() {
  const result = document.getElementById("result");
  if (result) htmx.trigger(result, "refresh");
}

function watch(result) {
  if (!result || !result.dataset.events || result.dataset.watched) return;
  result.dataset.watched = "yes";
  const source = new EventSource(result.dataset.events);
  source.addEventListener("state", (message) => {
    const state = JSON.parse(message.data);
    const text = document.getElementById("live-text");
    const badge = document.getElementById("state");
    if (!text || !badge) return;
    if (state.state !== "running" || text.dataset.state !== "running") text.textContent = waitingText(state);
    text.dataset.state = state.state;
    badge.className = `badge ${state.state}`;
    badge.textContent = state.state === "running" ? "Being graded" : "Waiting";
  });
  source.addEventListener("progress", (message) => showProgress(JSON.parse(message.data)));
  source.addEventListener("done", () => {
    source.close();
    document.getElementById("news").textContent = "The result is there.";
    refresh();
  });
  source.addEventListener("error", () => {
    // The browser comes back by itself after a lost connection, but not after an answer such as 503.
    if (source.readyState === EventSource.CLOSED) setTimeout(refresh, POLL_MS);
  });
}

function checkSize(input) {
  const file = input.files[0];
  const max = Number(input.dataset.max);
  const large = file && file.size > max;
  input.setCustomValidity(large ? `This file is larger than ${Math.floor(max / 1048576)} MiB. Leave data, models and .venv out.` : "");
  if (large) input.reportValidity();
}

function start() {
  localTimes(document);
  watch(document.getElementById("result"));
}

document.addEventListener("DOMContentLoaded", start);
document.addEventListener("htmx:after:swap", start);
document.addEventListener("change", (event) => {
  if (event.target.matches("input[type=file][data-max]")) checkSize(event.target);
});
