#include "apps/kv/commands.hpp"

#include "apps/kv/command_functions.hpp"
#include "apps/kv/expiry_sweep.hpp"
#include "apps/kv/placing.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

namespace kv {

namespace {

constexpr unsigned read_fast = command::readonly | command::fast;
constexpr unsigned write_fast = command::write | command::fast;
constexpr unsigned write_more = command::write | command::denyoom;
constexpr unsigned write_more_fast = write_more | command::fast;

// name, arity, function, flags, first and last key and step, since, summary
constexpr command table[] = {
    {"get", 2, run::get, read_fast, 1, 1, 1, "1.0.0", "Reads a value"},
    {"set", -3, run::set, write_more, 1, 1, 1, "1.0.0", "Writes a value"},
    {"setnx", 3, run::setnx, write_more_fast, 1, 1, 1, "1.0.0", "Writes where no value is"},
    {"setex", 4, run::setex, write_more, 1, 1, 1, "2.0.0", "Writes for some seconds"},
    {"psetex", 4, run::psetex, write_more, 1, 1, 1, "2.6.0", "Writes for some milliseconds"},
    {"getset", 3, run::getset, write_more_fast, 1, 1, 1, "1.0.0", "Writes, returns the old value"},
    {"getdel", 2, run::getdel, write_fast, 1, 1, 1, "6.2.0", "Reads and deletes"},
    {"getex", -2, run::getex, write_fast, 1, 1, 1, "6.2.0", "Reads and changes the expiry"},
    {"mget", -2, run::mget, read_fast, 1, -1, 1, "1.0.0", "Reads several values"},
    {"mset", -3, run::mset, write_more, 1, -1, 2, "1.0.1", "Writes several values"},
    {"msetnx", -3, run::msetnx, write_more, 1, -1, 2, "1.0.1", "Writes several or none"},
    {"append", 3, run::append, write_more_fast, 1, 1, 1, "2.0.0", "Adds to the end of a value"},
    {"strlen", 2, run::strlen, read_fast, 1, 1, 1, "2.2.0", "Counts a value's bytes"},
    {"getrange", 4, run::getrange, command::readonly, 1, 1, 1, "2.4.0", "Reads part of a value"},
    {"substr", 4, run::getrange, command::readonly, 1, 1, 1, "1.0.0", "Reads part of a value"},
    {"setrange", 4, run::setrange, write_more, 1, 1, 1, "2.2.0", "Writes part of a value"},
    {"incr", 2, run::incr, write_more_fast, 1, 1, 1, "1.0.0", "Adds one"},
    {"decr", 2, run::decr, write_more_fast, 1, 1, 1, "1.0.0", "Subtracts one"},
    {"incrby", 3, run::incrby, write_more_fast, 1, 1, 1, "1.0.0", "Adds an integer"},
    {"decrby", 3, run::decrby, write_more_fast, 1, 1, 1, "1.0.0", "Subtracts an integer"},
    {"incrbyfloat", 3, run::incrbyfloat, write_more_fast, 1, 1, 1, "2.6.0", "Adds a number"},
    {"del", -2, run::del, command::write, 1, -1, 1, "1.0.0", "Deletes keys"},
    {"unlink", -2, run::del, write_fast, 1, -1, 1, "4.0.0", "Deletes keys"},
    {"exists", -2, run::exists, read_fast, 1, -1, 1, "1.0.0", "Counts which keys exist"},
    {"touch", -2, run::exists, read_fast, 1, -1, 1, "3.2.1", "Counts which keys exist"},
    {"type", 2, run::type, read_fast, 1, 1, 1, "1.0.0", "Names a value's type"},
    {"copy", -3, run::copy, write_more, 1, 2, 1, "6.2.0", "Copies a value to another key"},
    {"rename", 3, run::rename, command::write, 1, 2, 1, "1.0.0", "Moves a value to another key"},
    {"renamenx", 3, run::renamenx, write_fast, 1, 2, 1, "1.0.0", "Moves to a key without value"},
    {"expire", -3, run::expire, write_fast, 1, 1, 1, "1.0.0", "Sets the seconds left"},
    {"pexpire", -3, run::pexpire, write_fast, 1, 1, 1, "2.6.0", "Sets the milliseconds left"},
    {"expireat", -3, run::expireat, write_fast, 1, 1, 1, "1.2.0", "Sets the end, in seconds"},
    {"pexpireat", -3, run::pexpireat, write_fast, 1, 1, 1, "2.6.0", "Sets the end, in ms"},
    {"ttl", 2, run::ttl, read_fast, 1, 1, 1, "1.0.0", "Reads the seconds left"},
    {"pttl", 2, run::pttl, read_fast, 1, 1, 1, "2.6.0", "Reads the milliseconds left"},
    {"expiretime", 2, run::expiretime, read_fast, 1, 1, 1, "7.0.0", "Reads the end, in seconds"},
    {"pexpiretime", 2, run::pexpiretime, read_fast, 1, 1, 1, "7.0.0", "Reads the end, in ms"},
    {"persist", 2, run::persist, write_fast, 1, 1, 1, "2.2.0", "Removes the expiry"},
    {"keys", 2, run::keys, command::readonly, 0, 0, 0, "1.0.0", "Finds keys by pattern"},
    {"scan", -2, run::scan, command::readonly, 0, 0, 0, "2.8.0", "Walks over all keys"},
    {"dbsize", 1, run::dbsize, read_fast, 0, 0, 0, "1.0.0", "Counts the keys"},
    {"randomkey", 1, run::randomkey, command::readonly, 0, 0, 0, "1.0.0", "Picks a key"},
    {"flushdb", -1, run::flush, command::write, 0, 0, 0, "1.0.0", "Deletes all keys"},
    {"flushall", -1, run::flush, command::write, 0, 0, 0, "1.0.0", "Deletes all keys"},
    {"ping", -1, nullptr, command::fast, 0, 0, 0, "1.0.0", "Answers"},
    {"echo", 2, nullptr, command::fast, 0, 0, 0, "1.0.0", "Returns its argument"},
    {"hello", -1, nullptr, command::fast, 0, 0, 0, "6.0.0", "Chooses the protocol version"},
    {"auth", -2, nullptr, command::fast, 0, 0, 0, "1.0.0", "Authenticates"},
    {"select", 2, nullptr, command::fast, 0, 0, 0, "1.0.0", "Chooses the database: 0"},
    {"command", -1, nullptr, 0, 0, 0, 0, "2.8.13", "Describes commands"},
    {"client", -2, nullptr, 0, 0, 0, 0, "2.4.0", "Describes and names connections"},
    {"info", -1, nullptr, 0, 0, 0, 0, "1.0.0", "Describes the server"},
    {"config", -2, nullptr, 0, 0, 0, 0, "2.0.0", "Reads the configuration"},
    {"quit", -1, nullptr, command::fast, 0, 0, 0, "1.0.0", "Closes the connection"},
    {"reset", 1, nullptr, command::fast, 0, 0, 0, "6.2.0", "Resets the connection"},
};

std::uint64_t next_chance() {
  static std::atomic<std::uint64_t> calls{0};
  return calls.fetch_add(1, std::memory_order_relaxed);
}

void execute(us::records<Value>& records, Command::Reader request, Answer::Builder answer) {
  const auto given = request.getArguments();
  if (given.size() == 0) return answer.setError("ERR empty command");
  const auto* what = find_command(as_text(given[0]));
  if (what == nullptr || what->run == nullptr || (what->flags & command::readonly) != 0)
    records.only_reads();
  if (what == nullptr || what->run == nullptr) {
    std::vector<std::string_view> arguments;
    for (auto argument : given) arguments.push_back(as_text(argument));
    return answer.setError(unknown_command_text(arguments).c_str());
  }
  if (!what->takes(given.size())) {
    records.only_reads();
    return answer.setError(wrong_arity_text(what->name).c_str());
  }
  call c{records, given, answer, *what, records.now_ms(), next_chance()};
  what->run(c);
}

}  // namespace

std::span<const command> commands() {
  return table;
}

const command* find_command(std::string_view name) {
  static const auto by_name = [] {
    std::unordered_map<std::string_view, const command*> index;
    for (const auto& each : table) index.emplace(each.name, &each);
    return index;
  }();
  std::array<char, 16> lower{};
  if (name.size() > lower.size()) return nullptr;
  std::transform(name.begin(), name.end(), lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  const auto at = by_name.find(std::string_view{lower.data(), name.size()});
  return at == by_name.end() ? nullptr : at->second;
}

std::string wrong_arity_text(std::string_view command_name) {
  return "ERR wrong number of arguments for '" + std::string{command_name} + "' command";
}

std::string unknown_command_text(std::span<const std::string_view> arguments) {
  constexpr std::size_t shown_max = 128;
  // Redis prints C strings: what follows a zero byte is not shown.
  auto shown = [](std::string_view text, std::size_t max) {
    return text.substr(0, std::min(text.find('\0'), max));
  };
  std::string given;
  for (auto argument : arguments.subspan(1)) {
    if (given.size() >= shown_max) break;
    const auto text = shown(argument, shown_max - given.size());
    given.append("'").append(text).append("' ");
  }
  std::string result = "ERR unknown command '";
  result.append(shown(arguments[0], shown_max));
  result.append("', with args beginning with: ").append(given);
  for (auto& c : result)
    if (c == '\r' || c == '\n') c = ' ';
  return result;
}

us::service make_service() {
  us::service service{"kv"};
  service.on<Command, Answer>([](us::records<Value>& records, Command::Reader request,
                                 Answer::Builder answer) { execute(records, request, answer); });
  service.placed<Command>([](Command::Reader request, std::uint32_t partitions) {
    std::vector<std::string_view> arguments;
    for (auto argument : request.getArguments()) arguments.push_back(as_text(argument));
    return place_of(arguments, partitions);
  });
  using sweeps = std::map<std::uint32_t, expiry_sweep>;  // by partition
  service.every(std::chrono::milliseconds{100},
                [each = std::make_shared<sweeps>()](us::records<Value>& records) {
                  (*each)[records.partition().index].run(records);
                });
  return service;
}

}  // namespace kv
