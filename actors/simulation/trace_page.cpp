#include "actors/simulation/trace_page.hpp"

#include "actors/simulation/trace_script.hpp"

#include <fmt/format.h>

#include <iterator>
#include <string_view>

namespace us {

namespace {

double seconds(duration d) {
  return std::chrono::duration<double>(d).count();
}

/// A JSON string that may also stand inside a script element.
std::string json_text(std::string_view text) {
  std::string all = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' || byte < 0x20)
      fmt::format_to(std::back_inserter(all), "\\u{:04x}", byte);
    else
      all += c;
  }
  return all + '"';
}

std::string escaped(std::string_view text) {
  std::string all;
  for (const char c : text) {
    switch (c) {
      case '<': all += "&lt;"; break;
      case '>': all += "&gt;"; break;
      case '&': all += "&amp;"; break;
      default: all += c;
    }
  }
  return all;
}

template <class List, class Write>
std::string list_of(const List& list, Write write) {
  std::string all = "[";
  for (const auto& each : list) {
    if (all.size() > 1) all += ",\n";
    all += write(each);
  }
  return all + "]";
}

std::string_view name_of(sim::frame_seen::fate what) {
  switch (what) {
    case sim::frame_seen::fate::arrives: return "arrives";
    case sim::frame_seen::fate::damaged: return "damaged";
    case sim::frame_seen::fate::lost: return "lost";
    case sim::frame_seen::fate::cut: return "cut";
  }
  return "?";
}

std::string data_of(const trace_record& run) {
  const auto nodes = list_of(run.nodes, [](const auto& name) { return json_text(name); });
  const auto spans = list_of(run.spans, [](const trace_span& s) {
    return fmt::format("[{},{},{},{:.6f},{:.6f}]", json_text(s.node), json_text(s.what), s.epoch,
                       seconds(s.from), seconds(s.to));
  });
  const auto faults = list_of(run.faults, [](const fault& f) {
    return fmt::format("[{:.6f},{:.6f},{}]", seconds(f.at), seconds(f.at + f.lasts),
                       json_text(to_string(f)));
  });
  const auto frames = list_of(run.frames, [](const trace_frame& f) {
    return fmt::format("[{},{},{},{:.6f},{:.6f},{}]", json_text(f.from), json_text(f.to),
                       json_text(f.type), seconds(f.sent), seconds(f.arrives),
                       json_text(name_of(f.what)));
  });
  const auto events = list_of(run.events, [](const sim::timeline_entry& e) {
    return fmt::format("[{:.6f},{},{}]", seconds(e.at), json_text(e.node), json_text(e.what));
  });
  return fmt::format(
      "const run = {{length: {:.6f}, nodes: {}, spans: {},\nfaults: {},\nframes: {},\nevents: "
      "{}}};\n",
      seconds(run.length), nodes, spans, faults, frames, events);
}

}  // namespace

std::string trace_page(const trace_record& run, const std::string& title) {
  std::string verdict = run.failure.empty() ? "<p class=\"right\">nothing was wrong</p>"
                                            : "<pre>" + escaped(run.failure) + "</pre>";
  if (run.frames_left_out > 0)
    verdict += fmt::format("<p>{} later frames are not drawn</p>", run.frames_left_out);
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{0}</title>\n"
      "<style>{1}</style></head>\n<body><h1>{0}</h1>\n{2}\n<div id=\"key\"></div>\n"
      "<canvas id=\"lanes\"></canvas><div "
      "id=\"what\"></div>\n<script>\n{3}{4}</script></body></html>\n",
      escaped(title), trace_style(), verdict, data_of(run), trace_script());
}

}  // namespace us
