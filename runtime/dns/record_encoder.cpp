#include "runtime/dns/record_encoder.hpp"

#include "runtime/ensure.hpp"

#include <ldns/ldns.h>

#include <cstdlib>
#include <memory>

namespace us::dns {

namespace {

using packet_ptr = std::unique_ptr<ldns_pkt, decltype(&ldns_pkt_free)>;
using record_ptr = std::unique_ptr<ldns_rr, decltype(&ldns_rr_free)>;
using name_ptr = std::unique_ptr<ldns_rdf, decltype(&ldns_rdf_deep_free)>;
using wire_ptr = std::unique_ptr<std::uint8_t, decltype(&std::free)>;

constexpr std::size_t header_size = 12;
constexpr std::size_t type_and_class = 4;

record_ptr parse(const std::string& text) {
  ldns_rr* made = nullptr;
  const auto status = ldns_rr_new_frm_str(&made, text.c_str(), 0, nullptr, nullptr);
  ensure(status == LDNS_STATUS_OK, text, ldns_get_errorstr_by_id(status));
  return {made, &ldns_rr_free};
}

void push(ldns_pkt* into, ldns_pkt_section section, const std::vector<std::string>& records) {
  for (const auto& text : records) {
    auto record = parse(text);
    ensure(ldns_pkt_push_rr(into, section, record.get()), text);
    (void)record.release();
  }
}

std::string bytes_of(std::uint8_t* wire, std::size_t size) {
  const wire_ptr owned{wire, &std::free};
  return {reinterpret_cast<const char*>(wire), size};
}

}  // namespace

std::string encode_name(const std::string& name) {
  const name_ptr made{ldns_dname_new_frm_str((name + ".").c_str()), &ldns_rdf_deep_free};
  ensure(made != nullptr, name);
  ldns_dname2canonical(made.get());
  return {reinterpret_cast<const char*>(ldns_rdf_data(made.get())), ldns_rdf_size(made.get())};
}

encoded encode_behind(const std::string& name, const record_texts& records) {
  const packet_ptr packet{ldns_pkt_new(), &ldns_pkt_free};
  ldns_rr* question = nullptr;
  auto status =
      ldns_rr_new_question_frm_str(&question, (name + ". IN A").c_str(), nullptr, nullptr);
  ensure(status == LDNS_STATUS_OK, name, ldns_get_errorstr_by_id(status));
  ensure(ldns_pkt_push_rr(packet.get(), LDNS_SECTION_QUESTION, question), name);
  push(packet.get(), LDNS_SECTION_ANSWER, records.answers);
  push(packet.get(), LDNS_SECTION_AUTHORITY, records.authorities);
  push(packet.get(), LDNS_SECTION_ADDITIONAL, records.additionals);
  std::uint8_t* wire = nullptr;
  std::size_t size = 0;
  status = ldns_pkt2wire(&wire, packet.get(), &size);
  ensure(status == LDNS_STATUS_OK, name, ldns_get_errorstr_by_id(status));
  auto bytes = bytes_of(wire, size);
  const auto behind = header_size + encode_name(name).size() + type_and_class;
  ensure(bytes.size() >= behind, bytes.size(), behind);
  return {bytes.substr(behind), ldns_pkt_ancount(packet.get()), ldns_pkt_nscount(packet.get()),
          ldns_pkt_arcount(packet.get())};
}

encoded encode_authority(const std::string& record) {
  std::uint8_t* wire = nullptr;
  std::size_t size = 0;
  const auto status = ldns_rr2wire(&wire, parse(record).get(), LDNS_SECTION_AUTHORITY, &size);
  ensure(status == LDNS_STATUS_OK, record, ldns_get_errorstr_by_id(status));
  return {bytes_of(wire, size), 0, 1, 0};
}

}  // namespace us::dns
