#include "actors/simulation/trace_script.hpp"

namespace us {

namespace {

constexpr std::string_view style = R"css(
body { font: 14px system-ui, sans-serif; margin: 16px; color: #222; background: #fff; }
h1 { font-size: 18px; } pre { background: #fee; padding: 8px; max-height: 30vh; overflow: auto; }
.right { color: #2a7d2a; } #lanes { width: 100%; border: 1px solid #ccc; cursor: crosshair; }
#what { min-height: 6em; white-space: pre-wrap; font-family: monospace; }
#key span { display: inline-block; padding: 2px 8px; margin-right: 6px; border-radius: 3px; }
)css";

constexpr std::string_view script = R"js(
const colors = {leader: '#4caf50', follower: '#90caf9', candidate: '#ffb74d', down: '#616161',
                paused: '#ba68c8', starting: '#e0e0e0'};
const frameColors = {arrives: 'rgba(60,60,60,.35)', damaged: '#e91e63', lost: '#f44336',
                     cut: '#f44336'};
document.getElementById('key').innerHTML = Object.entries(colors).map(
  ([name, color]) => `<span style="background:${color}">${name}</span>`).join('') +
  ' wheel: zoom; drag: move; double click: all';
const canvas = document.getElementById('lanes'), what = document.getElementById('what');
const top_ = 24, faultRow = 14, faultRows = 6, lane = 70, left = 60;
const lanesTop = top_ + faultRow * faultRows + 10;
const laneOf = Object.fromEntries(run.nodes.map((name, i) => [name, lanesTop + i * lane + 24]));
let from = 0, to = Math.max(run.length, 0.001);
const height = lanesTop + run.nodes.length * lane;
const x = time => left + (time - from) / (to - from) * (canvas.clientWidth - left);
const timeAt = pixel => from + (pixel - left) / (canvas.clientWidth - left) * (to - from);
const visible = (a, b) => b >= from && a <= to;
const rows = [];
run.faults.forEach(f => {
  let row = rows.findIndex(end => end <= f[0]);
  if (row < 0) row = rows.length < faultRows ? rows.length : faultRows - 1;
  rows[row] = f[1];
  f.row = row;
});
function draw() {
  const scale = window.devicePixelRatio || 1;
  canvas.width = canvas.clientWidth * scale;
  canvas.height = height * scale;
  canvas.style.height = height + 'px';
  const c = canvas.getContext('2d');
  c.scale(scale, scale);
  c.font = '11px system-ui';
  const step = Math.pow(10, Math.floor(Math.log10((to - from) / 4)));
  c.fillStyle = '#666';
  for (let t = Math.ceil(from / step) * step; t <= to; t += step) {
    c.fillRect(x(t), top_ - 6, 1, height);
    c.fillText(t.toFixed(Math.max(0, -Math.floor(Math.log10(step)))) + ' s', x(t) + 3, top_ - 10);
    c.fillStyle = '#eee';
    c.fillRect(x(t), top_, 1, height);
    c.fillStyle = '#666';
  }
  for (const f of run.faults) {
    if (!visible(f[0], f[1])) continue;
    c.fillStyle = 'rgba(244,67,54,.35)';
    c.fillRect(x(f[0]), top_ + f.row * faultRow, Math.max(2, x(f[1]) - x(f[0])), faultRow - 2);
    c.fillStyle = '#222';
    if (x(f[1]) - x(f[0]) > 60) c.fillText(f[2].split(': ')[1], x(f[0]) + 2, top_ + f.row * faultRow + 10);
  }
  for (const name of run.nodes) {
    c.fillStyle = '#222';
    c.fillText(name, 8, laneOf[name] + 4);
  }
  for (const [node, role, epoch, a, b] of run.spans) {
    if (!visible(a, b)) continue;
    const begin = Math.max(left, x(a)), width = Math.max(1, x(b) - begin);
    c.fillStyle = colors[role] || '#ddd';
    c.fillRect(begin, laneOf[node] - 8, width, 16);
    c.fillStyle = '#000';
    if (epoch && width > 26) c.fillText('e' + epoch, begin + 3, laneOf[node] + 4);
  }
  let drawn = 0;
  for (const [a, b, type, sent, arrives, fate] of run.frames) {
    if (!visible(sent, arrives) || ++drawn > 4000) continue;
    c.strokeStyle = frameColors[fate];
    c.beginPath();
    c.moveTo(x(sent), laneOf[a]);
    const gone = fate === 'lost' || fate === 'cut', half = (laneOf[a] + laneOf[b]) / 2;
    c.lineTo(gone ? x(sent) : x(arrives), gone ? half : laneOf[b]);
    c.stroke();
    if (gone) c.fillText('×', x(sent) - 3, half);
  }
}
function tell(event) {
  const t = timeAt(event.offsetX), near = (to - from) / 200, y = event.offsetY;
  const lines = [t.toFixed(6) + ' s'];
  run.faults.filter(f => f[0] <= t && t <= f[1]).forEach(f => lines.push('fault: ' + f[2]));
  const node = run.nodes.find(name => Math.abs(laneOf[name] - y) < lane / 2);
  run.spans.filter(s => s[0] === node && s[3] <= t && t < s[4]).forEach(
    s => lines.push(`${s[0]} is ${s[1]}, epoch ${s[2]}`));
  run.events.filter(e => Math.abs(e[0] - t) < near && (!node || !e[1] || e[1] === node)).slice(0, 8)
    .forEach(e => lines.push(`${e[0].toFixed(6)} ${e[1]} ${e[2]}`));
  run.frames.filter(f => Math.abs(f[3] - t) < near / 4 && (f[0] === node || f[1] === node)).slice(0, 8)
    .forEach(f => lines.push(`${f[3].toFixed(6)} ${f[2]} ${f[0]} to ${f[1]}: ${f[5]}`));
  what.textContent = lines.join('\n');
}
canvas.addEventListener('wheel', event => {
  event.preventDefault();
  const t = timeAt(event.offsetX), by = event.deltaY > 0 ? 1.25 : 0.8;
  from = Math.max(0, t - (t - from) * by);
  to = Math.min(run.length, t + (to - t) * by);
  draw();
});
let grabbed = null;
canvas.addEventListener('mousedown', event => grabbed = event.offsetX);
window.addEventListener('mouseup', () => grabbed = null);
canvas.addEventListener('mousemove', event => {
  if (grabbed !== null) {
    const by = timeAt(grabbed) - timeAt(event.offsetX), length = to - from;
    from = Math.min(Math.max(0, from + by), Math.max(0, run.length - length));
    to = from + length;
    grabbed = event.offsetX;
    draw();
  }
  tell(event);
});
canvas.addEventListener('dblclick', () => { from = 0; to = run.length; draw(); });
window.addEventListener('resize', draw);
draw();
)js";

}  // namespace

std::string_view trace_style() {
  return style;
}

std::string_view trace_script() {
  return script;
}

}  // namespace us
