#include "actors/app/admin_api.hpp"

namespace us {

// Everything that comes from the node is put in as text, never as markup.
const std::string_view dashboard_page = R"html(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>understudy</title>
<style>
  body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; }
  h1 { font-size: 1.3rem; }
  h2 { font-size: 1.05rem; margin-top: 2rem; }
  table { border-collapse: collapse; width: 100%; }
  th, td { text-align: left; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid #8884; }
  td.number, th.number { text-align: right; }
  .suspected, .problem { color: #b00020; }
  .leader { font-weight: 600; }
  #note { color: #777; }
</style>
</head>
<body>
<h1 id="title">understudy</h1>
<p id="note">asking the node</p>
<h2>Nodes, as this one sees them</h2>
<table><thead><tr><th>node</th><th>state</th><th class="number">last heard</th></tr></thead>
<tbody id="nodes"></tbody></table>
<h2>Services on this node</h2>
<table><thead><tr><th>service</th><th>role</th><th>leader</th><th class="number">epoch</th>
<th class="number">committed</th><th class="number">applied</th><th class="number">records</th>
<th>followers behind by</th></tr></thead><tbody id="services"></tbody></table>
<script>
"use strict";
const byId = id => document.getElementById(id);
function row(cells) {
  const tr = document.createElement("tr");
  for (const [text, kind] of cells) {
    const td = document.createElement("td");
    td.textContent = text;
    if (kind) td.className = kind;
    tr.append(td);
  }
  return tr;
}
function heard(ms) { return ms < 0 ? "never" : ms + " ms ago"; }
function lag(service) {
  return service.replicas.map(r => r.node + ": " + r.lag_entries).join(", ") || "-";
}
function role(service) {
  if (service.partitions <= 1) return service.role;
  const lost = service.leaderless ? ", " + service.leaderless + " without leader" : "";
  return "leads " + service.led + " of " + service.partitions + " partitions" + lost;
}
function show(s) {
  document.title = byId("title").textContent = "node " + s.node + " of cluster " + s.cluster;
  byId("note").className = "";
  byId("note").textContent = "understudy " + s.version + ", up " +
    Math.round(s.uptime_ms / 1000) + " s";
  byId("nodes").replaceChildren(...s.nodes.map(n => row([[n.name],
    [n.state, n.state], [n.name === s.node ? "this node" : heard(n.last_heard_ms), "number"]])));
  byId("services").replaceChildren(...s.services.map(v => row([[v.name], [role(v), v.role],
    [v.partitions > 1 ? "-" : v.leader || "none"], [v.epoch, "number"], [v.commit_index, "number"],
    [v.applied_index, "number"], [v.records, "number"], [lag(v)]])));
}
async function refresh() {
  try {
    const answer = await fetch("/api/v1/status", { cache: "no-store" });
    const status = await answer.json();
    if (!answer.ok) throw new Error(status.error);
    show(status);
  } catch (problem) {
    byId("note").className = "problem";
    byId("note").textContent = "no status: " + problem.message;
  }
  setTimeout(refresh, 1000);
}
refresh();
</script>
</body>
</html>
)html";

}  // namespace us
