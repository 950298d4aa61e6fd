// Live progress, local times, and a word about files that are too large. Every page works without this.
"use strict";

const STAGES = {
  intake: "Reading your files", starting: "Starting a sandbox", collecting: "Collecting the tests",
  testing: "Running the tests", scoring: "Adding up the points", done: "Writing the report", finished: "Finished",
};
const POLL_MS = 5000;
const KEPT_TICKS = 60;

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

function showEstimate(seconds) {
  const line = document.getElementById("live-estimate");
  if (!line) return;
  line.hidden = seconds === null || seconds === undefined;
  if (line.hidden) return;
  const minutes = Math.round(seconds / 60);
  const words = seconds < 20 ? "in a few seconds" : seconds < 90 ? "in about a minute" : `in about ${minutes} minutes`;
  line.textContent = `It begins ${words}.`;
}

// One mark for each test of a criterion, with a count in words beside it.
function tick(event) {
  if (!event.test || !event.status || !event.criterion) return;
  const line = document.querySelector(`[data-criterion="${CSS.escape(event.criterion)}"]`);
  if (!line) return;
  const passed = event.status === "passed";
  const counts = { passed: Number(line.dataset.passed || 0) + passed, failed: Number(line.dataset.failed || 0) + !passed };
  Object.assign(line.dataset, counts);
  const words = [];
  if (counts.passed) words.push(`${counts.passed} passed`);
  if (counts.failed) words.push(`${counts.failed} not`);
  line.querySelector(".tally").textContent = words.join(", ");
  const ticks = line.querySelector(".ticks");
  if (ticks.children.length >= KEPT_TICKS) return;
  const mark = document.createElement("span");
  mark.className = passed ? "passed" : "failed";
  mark.textContent = passed ? "✓" : "✗";
  ticks.append(mark);
}

function forgetTicks() {
  for (const line of document.querySelectorAll("[data-criterion]")) {
    delete line.dataset.passed;
    delete line.dataset.failed;
    line.querySelector(".tally").textContent = "";
    line.querySelector(".ticks").replaceChildren();
  }
}

function showProgress(event) {
  const text = document.getElementById("live-text");
  const bar = document.getElementById("live-bar");
  if (!text || !bar) return;
  if (event.stage === "intake") forgetTicks();
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
    const running = state.state === "running";
    badge.firstElementChild.className = running ? "badge busy" : "badge calm";
    badge.firstElementChild.textContent = running ? "Being graded" : "Waiting";
    showEstimate(running ? null : state.seconds);
    for (const part of document.querySelectorAll(".live .while-waiting")) part.hidden = running;
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

function sizeWords(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1048576 ? `${Number((bytes / 1024).toPrecision(3))} KiB` : `${Number((bytes / 1048576).toPrecision(3))} MiB`;
}

function checkSize(input) {
  const file = input.files[0];
  const max = Number(input.dataset.max);
  const large = file && file.size > max;
  const words = large ? `This file has ${sizeWords(file.size)}; at most ${sizeWords(max)} are taken. Leave data, models and .venv out.` : "";
  input.setCustomValidity(words);
  if (large) input.reportValidity();
}

// The file field takes a dropped file by itself; the zone around it does, too.
function dropInto(zone) {
  const input = zone.querySelector("input[type=file]");
  for (const name of ["dragenter", "dragover"]) {
    zone.addEventListener(name, (event) => { event.preventDefault(); zone.classList.add("over"); });
  }
  for (const name of ["dragleave", "drop"]) zone.addEventListener(name, () => zone.classList.remove("over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    if (!event.dataTransfer.files.length) return;
    const one = new DataTransfer();
    one.items.add(event.dataTransfer.files[0]);
    input.files = one.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

function start() {
  localTimes(document);
  watch(document.getElementById("result"));
}

document.addEventListener("DOMContentLoaded", () => {
  start();
  document.querySelectorAll(".dropzone").forEach(dropInto);
});
document.addEventListener("htmx:after:swap", start);
document.addEventListener("change", (event) => {
  if (event.target.matches("input[type=file][data-max]")) checkSize(event.target);
});
// A click outside of the menu closes it; so does Escape.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
