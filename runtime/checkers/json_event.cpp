// One JSON object as an event. It is read as a stream of tokens: nothing is built from what is not
// needed, however deep it is, and a number that does not fit is seen as it was written.
#include "runtime/checkers/event_format.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <string_view>

namespace us {

namespace {

struct field {
  enum class kind { absent, one, list, refused } kind = kind::absent;
  std::vector<history_value> items;
  std::string refused;  ///< why it cannot be a value
};

constexpr std::array<std::string_view, 7> field_names{"process", "type",    "f",      "key",
                                                      "value",   "time_ns", "version"};
enum field_index { process, type, f, key_field, value, time_ns, version, field_count };
using fields = std::array<field, field_count>;

/// Collects the known fields of one object.
class event_tokens {
 public:
  using number_integer_t = nlohmann::json::number_integer_t;
  using number_unsigned_t = nlohmann::json::number_unsigned_t;
  using number_float_t = nlohmann::json::number_float_t;
  using string_t = nlohmann::json::string_t;
  using binary_t = nlohmann::json::binary_t;

  const fields& found() const { return fields_; }
  const std::string& wrong() const { return wrong_; }

  bool null() { return item(history_value{}); }
  bool boolean(bool) { return refuse("is true or false"); }
  bool number_integer(number_integer_t n) { return item(history_value{std::int64_t{n}}); }
  bool number_unsigned(number_unsigned_t n) {
    if (n > static_cast<number_unsigned_t>(std::numeric_limits<std::int64_t>::max()))
      return refuse("does not fit into 64 bits with a sign: write it as a string");
    return item(history_value{static_cast<std::int64_t>(n)});
  }
  bool number_float(number_float_t n, const string_t& written) {
    if (written.find_first_of(".eE") == string_t::npos)
      return refuse("does not fit into 64 bits with a sign: write it as a string");
    return item(number_value(n));
  }
  bool string(string_t& text) { return item(history_value{std::move(text)}); }
  bool binary(binary_t&) { return refuse("is binary"); }

  bool start_object(std::size_t) {
    if (depth_++ == 0) return true;
    return refuse("is an object");
  }
  bool start_array(std::size_t) {
    if (depth_ == 0) return fail("must be a JSON object, is a list");
    if (depth_++ != 1) return refuse("is a list of lists");
    if (current_ != nullptr) current_->kind = field::kind::list;
    return true;
  }
  bool end_object() { return --depth_, true; }
  bool end_array() { return --depth_, true; }
  bool key(string_t& name) {
    if (depth_ != 1) return true;
    current_ = nullptr;
    for (std::size_t i = 0; i < field_count; ++i)
      if (field_names.at(i) == name) current_ = &fields_.at(i);
    if (current_ != nullptr && current_->kind != field::kind::absent)
      return fail(name + ": is there twice");
    return true;
  }
  bool parse_error(std::size_t at, const std::string&, const nlohmann::json::exception& e) {
    const std::string_view text{e.what()};
    if (text.find("out_of_range") != std::string_view::npos)
      return fail("a number is out of range at column " + std::to_string(at));
    return fail("is not a JSON object: something is wrong or missing at column " +
                std::to_string(at));
  }

 private:
  bool fail(std::string what) {
    wrong_ = std::move(what);
    return false;
  }
  bool refuse(const char* why) {
    if (depth_ == 0) return fail(std::string{"must be a JSON object, "} + why);
    if (current_ == nullptr) return true;
    current_->kind = field::kind::refused;
    if (current_->refused.empty()) current_->refused = why;
    return true;
  }
  bool item(history_value v) {
    if (depth_ == 0) return fail("must be a JSON object");
    if (current_ == nullptr || current_->kind == field::kind::refused) return true;
    if (depth_ == 1) current_->kind = field::kind::one;
    if (current_->items.size() == 3) return true;  // more than any list may have
    current_->items.push_back(std::move(v));
    return true;
  }

  fields fields_;
  field* current_ = nullptr;
  std::size_t depth_ = 0;
  std::string wrong_;
};

failure wrong(std::string text) {
  return {errc::invalid_input, std::move(text)};
}

/// The one value of a field that is of type T; what is wrong with it else.
template <class T>
result<T> one(const fields& all, field_index which, const char* must) {
  const auto& from = all.at(which);
  const std::string name{field_names.at(which)};
  switch (from.kind) {
    case field::kind::absent: return wrong(name + ": is missing, " + must);
    case field::kind::refused: return wrong(name + ": " + must + ", " + from.refused);
    case field::kind::list: return wrong(name + ": " + must + ", is a list");
    case field::kind::one: break;
  }
  if (const auto* found = std::get_if<T>(&from.items[0])) return *found;
  return wrong(name + ": " + must + ", is " + to_text(from.items[0]));
}

bool given(const fields& all, field_index which) {
  const auto& from = all.at(which);
  return from.kind != field::kind::absent &&
         !(from.kind == field::kind::one && is_null(from.items[0]));
}

/// The fields that say what happened to what.
std::optional<failure> read_names(const fields& all, history_event& e) {
  const auto who = one<std::int64_t>(all, process, "must be an integer");
  if (!who) return who.error();
  e.process = *who;
  const auto kind = one<std::string>(all, type, "must be invoke, ok, fail or info");
  if (!kind) return kind.error();
  const auto known = parse_event_type(*kind);
  if (!known)
    return wrong("type: must be invoke, ok, fail or info, is " + to_text(history_value{*kind}));
  e.type = *known;
  auto what = one<std::string>(all, f, "must be the operation's name");
  if (!what) return what.error();
  e.f = std::move(*what);
  if (!given(all, key_field)) return {};
  auto object = one<std::string>(all, key_field, "must be a string");
  if (!object) return object.error();
  e.key = std::move(*object);
  return {};
}

std::optional<failure> read_numbers(const fields& all, history_event& e) {
  const auto& v = all[value];
  if (v.kind == field::kind::refused)
    return wrong("value: must be null, a number, a string or [old, new], " + v.refused);
  e.value = v.items;
  e.is_pair = v.kind == field::kind::list;
  if (given(all, time_ns)) {
    const auto at = one<std::int64_t>(all, time_ns, "must be an integer of nanoseconds");
    if (!at) return at.error();
    e.time_ns = *at;
  }
  if (given(all, version)) {
    const auto number = one<std::int64_t>(all, version, "must be an integer");
    if (!number) return number.error();
    if (*number < 0) return wrong("version: must not be negative");
    e.version = static_cast<std::uint64_t>(*number);
  }
  return {};
}

}  // namespace

result<history_event> parse_json_event(const std::string& line) {
  event_tokens tokens;
  if (!nlohmann::json::sax_parse(line, &tokens)) return wrong(tokens.wrong());
  history_event e;
  if (auto problem = read_names(tokens.found(), e)) return *problem;
  if (auto problem = read_numbers(tokens.found(), e)) return *problem;
  return e;
}

}  // namespace us
