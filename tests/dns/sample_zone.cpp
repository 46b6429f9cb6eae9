#include "tests/dns/sample_zone.hpp"

#include <algorithm>

namespace us::dns::test {

zone sample_zone() {
  zone z;
  z.name = "example.test";
  z.name_servers = {{"ns1", "10.0.1.1"}, {"ns2", "fd00::2"}};
  z.backends = {{"web1", "www", "_http._tcp", "10.0.0.1", 8001, 3},
                {"web2", "www", "_http._tcp", "10.0.0.2", 8002, 1},
                {"web6", "www", "_http._tcp", "fd00::6", 8006, 1}};
  return z;
}

std::shared_ptr<const answer_table> table_of(const zone& z, const std::vector<std::string>& dead) {
  std::vector<bool> living;
  for (const auto& each : z.backends)
    living.push_back(std::find(dead.begin(), dead.end(), each.name) == dead.end());
  return answer_table::make(z, living, 7);
}

bytes make_query(const std::string& name, ldns_rr_type type, ldns_rr_class klass) {
  ldns_pkt* made = ldns_pkt_query_new(ldns_dname_new_frm_str(name.c_str()), type, klass, LDNS_RD);
  const packet owned{made, &ldns_pkt_free};
  ldns_pkt_set_id(made, 0x1234);
  std::uint8_t* wire = nullptr;
  std::size_t size = 0;
  ldns_pkt2wire(&wire, made, &size);
  bytes query(wire, wire + size);
  std::free(wire);
  return query;
}

bytes with_edns(bytes query, std::uint16_t size, std::uint8_t version, bool dnssec_ok) {
  query[11] = 1;
  for (int byte :
       {0, 0, 41, size >> 8, size & 0xff, 0, int{version}, dnssec_ok ? 0x80 : 0, 0, 0, 0})
    query.push_back(static_cast<std::uint8_t>(byte));
  return query;
}

answer ask(const answer_table* table, const bytes& query, transport via, std::uint32_t turn) {
  answer got;
  got.raw.resize(via == transport::udp ? datagram_max : message_max);
  got.done = respond(table, query, via, turn, got.raw);
  got.raw.resize(got.done.size);
  ldns_pkt* parsed = nullptr;
  if (ldns_wire2pkt(&parsed, got.raw.data(), got.raw.size()) == LDNS_STATUS_OK)
    got.parsed.reset(parsed);
  return got;
}

std::vector<std::string> answer::texts(ldns_pkt_section section) const {
  std::vector<std::string> found;
  ldns_rr_list* list = ldns_pkt_get_section_clone(parsed.get(), section);
  for (std::size_t i = 0; i < ldns_rr_list_rr_count(list); ++i) {
    char* text = ldns_rr2str(ldns_rr_list_rr(list, i));
    found.emplace_back(text);
    std::free(text);
    std::erase(found.back(), '\n');
    std::replace(found.back().begin(), found.back().end(), '\t', ' ');
  }
  ldns_rr_list_deep_free(list);
  return found;
}

}  // namespace us::dns::test
