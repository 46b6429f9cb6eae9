#include "runtime/dns/respond.hpp"

#include <algorithm>
#include <cstring>

namespace us::dns {

namespace {

constexpr std::size_t opt_size = 11;
constexpr std::size_t plain_datagram_max = 512;
constexpr std::uint16_t class_in = 1;
// OPT, and 128 to 254: questions about something else than records (transfers, keys).
constexpr bool is_meta(std::uint16_t type) {
  return type == 41 || (type >= 128 && type < 255) || type == 0;
}

/// Writes one response.
class writer {
 public:
  writer(packet_bytes packet, std::span<std::uint8_t> into) : packet_(packet), into_(into) {
    std::memcpy(into_.data(), packet_.data(), 4);
    into_[2] = static_cast<std::uint8_t>(0x80 | (packet_[2] & 0x79));  // QR, opcode and RD as asked
    into_[3] = 0;
    std::memset(into_.data() + 4, 0, 8);
  }

  response header_only(rcode code) {
    set_code(code);
    return {size_, code, false};
  }

  void question(const query& q) {
    std::memcpy(into_.data() + header_size, packet_.data() + header_size, q.question_size);
    size_ = header_size + q.question_size;
    set_number(4, 1);
  }

  response end(const query& q, rcode code, const encoded* records, std::size_t limit,
               bool authoritative) {
    response done{0, code, false};
    set_code(code);
    if (authoritative) into_[2] |= 0x04;
    const auto tail = q.edns ? opt_size : 0;
    if (records != nullptr && size_ + records->bytes.size() + tail > limit) {
      into_[2] |= 0x02;
      done.truncated = true;
      records = nullptr;
    }
    if (records != nullptr) append(*records);
    if (q.edns) append_opt(q, code, records == nullptr ? 0 : records->additionals);
    done.size = size_;
    return done;
  }

 private:
  void set_code(rcode code) {
    into_[3] = static_cast<std::uint8_t>(static_cast<unsigned>(code) & 0x0f);
  }
  void set_number(std::size_t at, unsigned number) {
    into_[at] = static_cast<std::uint8_t>(number >> 8);
    into_[at + 1] = static_cast<std::uint8_t>(number);
  }
  void append(const encoded& records) {
    std::memcpy(into_.data() + size_, records.bytes.data(), records.bytes.size());
    size_ += records.bytes.size();
    set_number(6, records.answers);
    set_number(8, records.authorities);
    set_number(10, records.additionals);
  }
  void append_opt(const query& q, rcode code, unsigned additionals) {
    auto* opt = into_.data() + size_;
    std::memset(opt, 0, opt_size);
    opt[2] = 41;
    opt[3] = datagram_max >> 8;
    opt[4] = datagram_max & 0xff;
    opt[5] = static_cast<std::uint8_t>(static_cast<unsigned>(code) >> 4);
    opt[7] = q.dnssec_ok ? 0x80 : 0;
    size_ += opt_size;
    set_number(10, additionals + 1);
  }

  packet_bytes packet_;
  std::span<std::uint8_t> into_;
  std::size_t size_ = header_size;
};

std::size_t limit_of(const query& q, transport via, std::size_t room) {
  if (via == transport::tcp) return std::min(message_max, room);
  if (!q.edns) return plain_datagram_max;
  return std::clamp<std::size_t>(q.edns_size, plain_datagram_max, datagram_max);
}

response header_alone(verdict why, packet_bytes packet, std::span<std::uint8_t> into) {
  if (why == verdict::drop) return {};
  return writer{packet, into}.header_only(why == verdict::form_error ? rcode::form_error
                                                                     : rcode::not_implemented);
}

/// What the table says to a question.
struct said {
  rcode code;
  const encoded* records;
  bool authoritative;
};

said look_up(const answer_table* table, const query& q, std::uint32_t& turn) {
  if (q.edns && q.edns_version != 0) return {rcode::bad_version, nullptr, false};
  if (q.klass != class_in || is_meta(q.type)) return {rcode::refused, nullptr, false};
  if (table == nullptr) return {rcode::server_failure, nullptr, false};
  const auto* name = table->find(q.name());
  if (name == nullptr)
    return table->in_zone(q.name()) ? said{rcode::name_error, &table->negative(), true}
                                    : said{rcode::refused, nullptr, false};
  const auto* found = name->find(static_cast<record_type>(q.type));
  if (found == nullptr) return {rcode::no_error, &table->negative(), true};
  if (found->failing) return {rcode::server_failure, nullptr, false};
  const auto& orders = found->orders;
  return {rcode::no_error, &orders[orders.size() == 1 ? 0 : turn++ % orders.size()], true};
}

}  // namespace

response respond(const answer_table* table, packet_bytes packet, transport via, std::uint32_t& turn,
                 std::span<std::uint8_t> into) {
  query q;
  if (auto read = read_query(packet, q); read != verdict::good)
    return header_alone(read, packet, into);
  const auto what = look_up(table, q, turn);
  writer answer{packet, into};
  answer.question(q);
  return answer.end(q, what.code, what.records, limit_of(q, via, into.size()), what.authoritative);
}

response respond_truncated(packet_bytes packet, std::span<std::uint8_t> into) {
  query q;
  if (read_query(packet, q) != verdict::good) return {};
  writer answer{packet, into};
  answer.question(q);
  static const encoded never_fits;
  return answer.end(q, rcode::no_error, &never_fits, 0, true);
}

}  // namespace us::dns
