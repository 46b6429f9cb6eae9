#include "apps/kv/connection.hpp"

#include "apps/kv/call.hpp"

#include <kj/exception.h>

#include <algorithm>
#include <utility>

namespace kv {

namespace {

constexpr std::size_t kept_bytes = 64u << 10;  // capacity that a busy connection keeps

// A browser tricked into sending a form here must not get its body executed.
bool cross_protocol(std::string_view name) {
  return same_word(name, "POST") || same_word(name, "HOST:");
}

bool may_be_large(const command& what) {
  return (what.flags & command::write) == 0 || what.name.starts_with("get");
}

}  // namespace

void connection::receive(std::span<const char> bytes) {
  if (closing_) return;
  input_.append(bytes.data(), bytes.size());
  fresh_ = true;
}

bool connection::batch_full(std::size_t bytes) const {
  return slots_.size() >= batch_commands_max || bytes >= batch_bytes_max ||
         reads_ * reply_bytes_ >= batch_bytes_max || output_.size() >= output_pause_bytes;
}

std::size_t connection::advance(const edge_facts& facts, const submit& submit_one) {
  std::size_t commands = 0;
  std::size_t bytes = 0;
  if (busy()) return commands;
  while (!closing_ && !batch_full(bytes)) {
    const std::span<char> input{input_.data() + start_, input_.size() - start_};
    const auto got = parser_.next(input);
    start_ += parser_.consumed();
    bytes += parser_.consumed();
    if (got == resp_parser::result::incomplete) {
      fresh_ = false;
      break;
    }
    if (got == resp_parser::result::failed) {
      closing_ = violated_ = true;
      reply_error(parser_.error());
      break;
    }
    arguments_.clear();
    for (std::size_t i = 0; i < parser_.count(); ++i)
      arguments_.push_back(parser_.argument(input, i));
    ++commands;
    if (!take(facts, submit_one)) break;
  }
  return commands;
}

// One command, in arguments_. False: nothing after it is taken.
bool connection::take(const edge_facts& facts, const submit& submit_one) {
  const auto* what = find_command(arguments_[0]);
  if (what == nullptr) {
    if (cross_protocol(arguments_[0])) {
      closing_ = violated_ = true;
      return false;
    }
    reply_error(unknown_command_text(arguments_));
  } else if (!what->takes(arguments_.size())) {
    reply_error(wrong_arity_text(what->name));
  } else if (what->run == nullptr) {
    // Batches may overtake each other: what is to be answered otherwise waits for those before it.
    const auto mode = std::tuple{session_.acknowledge, session_.reads};
    answer_here(*what, facts);
    if (std::tuple{session_.acknowledge, session_.reads} != mode && busy()) return false;
  } else {
    const auto i = static_cast<std::uint32_t>(slots_.size());
    if (const char* error = submit_one(i, arguments_)) {
      reply_error(error);
    } else {
      slots_.push_back({false, session_.resp3, may_be_large(*what), {}});
      reads_ += slots_.back().reads;
    }
    // A command that this node answers itself must not overtake one that the leader executes.
    if (session_.reads.who != us::read_policy::kind::linearizable) return false;
  }
  return !closing_;
}

void connection::answer_here(const command& what, const edge_facts& facts) {
  resp_writer writer{place_for_reply(), session_.resp3};
  if (answer_at_edge(what, arguments_, session_, facts, writer) == after_reply::close)
    closing_ = true;
}

void connection::reply_error(std::string_view text) {
  resp_writer{place_for_reply(), session_.resp3}.error(text);
}

// Straight into the output unless an earlier reply is still to come.
std::string& connection::place_for_reply() {
  if (!busy()) return output_;
  slots_.push_back({true, session_.resp3, false, {}});
  return slots_.back().reply;
}

void connection::settle() {
  arguments_.clear();
  if (start_ < input_.size()) {
    // Moved only when it is little against what was consumed.
    if (start_ > (input_.size() - start_) || start_ > kept_bytes) {
      input_.erase(0, start_);
      start_ = 0;
    }
    return;
  }
  start_ = 0;
  input_.clear();
  if (input_.capacity() > kept_bytes) input_ = {};
}

void connection::answer(std::uint32_t i, Answer::Reader reply) {
  const auto length = fill(i, [&](resp_writer& writer) {
    auto& out = writer.out();
    const auto before = out.size();
    try {
      writer.answer(reply);
    } catch (const kj::Exception&) {
      out.resize(before);
      writer.error("ERR the command was executed but its reply cannot be read");
    }
  });
  if (slots_.at(i).reads) largest_reply_ = std::max(largest_reply_, length);
  move_ready();
}

void connection::refuse(std::uint32_t i, std::string_view error) {
  (void)fill(i, [&](resp_writer& writer) { writer.error(error); });
  move_ready();
}

std::size_t connection::fill(std::uint32_t i, const std::function<void(resp_writer&)>& write) {
  auto& target = slots_.at(i);
  auto& out = i == next_ ? output_ : target.reply;
  const auto before = out.size();
  resp_writer writer{out, target.resp3};
  write(writer);
  target.ready = true;
  return out.size() - before;
}

/// What is in order now.
void connection::move_ready() {
  for (; next_ < slots_.size() && slots_[next_].ready; ++next_) output_.append(slots_[next_].reply);
  if (next_ < slots_.size()) return;
  slots_.clear();
  next_ = 0;
  // What was refused tells nothing of how long the answers are.
  if (std::exchange(reads_, 0) > 0 && largest_reply_ > 0)
    reply_bytes_ = std::max(std::exchange(largest_reply_, 0), reply_bytes_ / 4);
}

void connection::shrink() {
  settle();
  parser_.shrink();
  if (input_.empty()) input_ = {};
  if (output_.empty()) output_ = {};
  if (slots_.empty()) slots_ = {};
  arguments_ = {};
}

}  // namespace kv
