#include "runtime/simulation/plan_file.hpp"

#include "runtime/config/toml_file.hpp"
#include "runtime/simulation/plan_duration.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>

namespace us {

namespace {

// -- reading

duration read_duration(const toml_reader& from, const char* key) {
  const auto text = from.text(key);
  if (const auto read = parse_duration(text)) return *read;
  from.fail(key,
            "must be a duration of at most 10000h, as \"1.25s\" or \"300ms\", is \"" + text + "\"");
}

void read_duration(const toml_reader& from, const char* key, std::optional<duration>& into) {
  if (from.has(key)) into = read_duration(from, key);
}

const fault_traits& read_kind(const toml_reader& from, const char* key, const std::string& name) {
  if (const auto* found = find_fault_kind(name)) return *found;
  std::vector<std::string> known;
  for (const auto& each : all_fault_kinds()) known.emplace_back(each.name);
  const auto meant = nearest(name, known);
  from.fail(key,
            "\"" + name + "\" is no kind of fault; " +
                (meant.empty() ? "known are " + listed(known) : "did you mean " + meant + "?"));
}

std::string counted(std::size_t nodes) {
  return nodes == 0 ? "no nodes" : std::to_string(nodes) + (nodes == 1 ? " node" : " nodes");
}

void check_nodes(const toml_reader& from, const fault_traits& kind,
                 const std::vector<std::string>& nodes) {
  const auto takes = [&](const std::string& how_many) {
    from.fail("nodes",
              std::string{kind.name} + " takes " + how_many + ", has " + counted(nodes.size()));
  };
  if (nodes.size() < kind.nodes_min && kind.nodes_max > kind.nodes_min)
    takes("at least " + counted(kind.nodes_min));
  if (nodes.size() < kind.nodes_min || nodes.size() > kind.nodes_max)
    takes(counted(kind.nodes_max));
  for (auto at = nodes.begin(); at != nodes.end(); ++at)
    if (std::find(nodes.begin(), at, *at) != at) from.fail("nodes", "names \"" + *at + "\" twice");
}

double read_amount(const toml_reader& from, const fault_traits& kind) {
  if (!kind.takes_amount()) {
    if (from.has("amount")) from.fail("amount", std::string{kind.name} + " takes no amount");
    return 0;
  }
  if (!from.has("amount")) from.fail("amount", "missing; " + std::string{kind.name} + " needs one");
  return from.number_or("amount", kind.amount_min, kind.amount_max, 0);
}

fault read_fault(const toml_reader& from) {
  from.allow({"at", "lasts", "kind", "nodes", "amount"});
  const auto& kind = read_kind(from, "kind", from.text("kind"));
  fault f{read_duration(from, "at"), duration{0}, kind.kind, from.texts_or("nodes", {}), 0};
  if (from.has("lasts")) f.lasts = read_duration(from, "lasts");
  check_nodes(from, kind, f.nodes);
  f.amount = read_amount(from, kind);
  return f;
}

plan_recipe read_recipe(const toml_reader& from) {
  from.allow({"intensity", "length", "gap_min", "gap_max", "lasts_min", "lasts_max", "weights"});
  const auto how = from.choice_or("intensity", {"calm", "rough", "brutal"}, "rough");
  plan_recipe recipe{.how = how == "calm"    ? intensity::calm
                            : how == "rough" ? intensity::rough
                                             : intensity::brutal,
                     .length = read_duration(from, "length")};
  read_duration(from, "gap_min", recipe.gap_min);
  read_duration(from, "gap_max", recipe.gap_max);
  read_duration(from, "lasts_min", recipe.lasts_min);
  read_duration(from, "lasts_max", recipe.lasts_max);
  const auto weights = from.table("weights");
  if (!weights) return recipe;
  for (const auto& name : weights->keys())
    recipe.weights[read_kind(*weights, name.c_str(), name).kind] =
        static_cast<std::uint32_t>(weights->integer_or(name, 0, 1'000'000, 0));
  return recipe;
}

// -- writing

std::string in_quotes(std::string_view text) {
  std::string all{'"'};
  for (const auto c : text) {
    if (c == '"' || c == '\\') {
      all += '\\';
      all += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      std::array<char, 8> escaped{};
      std::snprintf(escaped.data(), escaped.size(), "\\u%04X", static_cast<unsigned char>(c));
      all += escaped.data();
    } else {
      all += c;
    }
  }
  return all + '"';
}

/// The shortest text that reads as the same number.
std::string written(double number) {
  std::array<char, 32> text{};
  const auto [end, error] = std::to_chars(text.begin(), text.end(), number);
  std::string all{text.begin(), end};
  // Beyond 64 bits it must not look like an integer.
  return all.find_first_of(".en") == std::string::npos ? all + ".0" : all;
}

std::string line(const char* key, duration value) {
  return std::string{key} + " = " + in_quotes(write_duration(value)) + "\n";
}

std::string line(const char* key, const std::optional<duration>& value) {
  return value ? line(key, *value) : "";
}

std::string written(const fault& f) {
  auto text = "\n[[fault]]\n" + line("at", f.at) + line("lasts", f.lasts) +
              "kind = " + in_quotes(to_string(f.kind)) + "\n";
  if (!f.nodes.empty()) {
    text += "nodes = [";
    for (const auto& name : f.nodes)
      text += (&name == &f.nodes.front() ? "" : ", ") + in_quotes(name);
    text += "]\n";
  }
  if (traits_of(f.kind).takes_amount()) text += "amount = " + written(f.amount) + "\n";
  return text;
}

std::string written(const plan_recipe& recipe) {
  auto text = "\n[generate]\nintensity = " + in_quotes(to_string(recipe.how)) + "\n" +
              line("length", recipe.length) + line("gap_min", recipe.gap_min) +
              line("gap_max", recipe.gap_max) + line("lasts_min", recipe.lasts_min) +
              line("lasts_max", recipe.lasts_max);
  if (recipe.weights.empty()) return text;
  text += "\n[generate.weights]\n";
  for (const auto& [kind, weight] : recipe.weights)
    text += to_string(kind) + " = " + std::to_string(weight) + "\n";
  return text;
}

fault_plan read_file(const toml_reader& from) {
  from.allow({"length", "fault", "generate"});
  return read_plan(from);
}

}  // namespace

fault_plan read_plan(const toml_reader& from) {
  fault_plan plan;
  for (const auto& each : from.elements_of("fault")) {
    plan.faults.push_back(read_fault(each));
    plan.length = std::max(plan.length, plan.faults.back().at + plan.faults.back().lasts);
  }
  if (from.has("length")) plan.length = read_duration(from, "length");
  if (const auto generate = from.table("generate")) plan.generate = read_recipe(*generate);
  return plan;
}

result<fault_plan> read_fault_plan(std::string_view text, const std::string& name) {
  return read_toml(text, name, read_file);
}

result<fault_plan> load_fault_plan(const std::string& file) {
  return load_toml(file, read_file);
}

std::string to_toml(const fault_plan& plan) {
  auto text = line("length", plan.length);
  for (const auto& f : plan.faults) text += written(f);
  if (plan.generate) text += written(*plan.generate);
  return text;
}

}  // namespace us
