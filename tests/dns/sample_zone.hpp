#pragma once
/// A small zone, queries for it and their answers as ldns reads them.

#include "runtime/dns/respond.hpp"
#include "runtime/dns/zone.hpp"

#include <ldns/ldns.h>

#include <memory>
#include <string>
#include <vector>

// ldns makes numbers of them, for C.
#undef true
#undef false

namespace us::dns::test {

/// example.test: www of web1 (IPv4, weight 3), web2 (IPv4), web6 (IPv6) with _http._tcp; two name
/// servers.
zone sample_zone();
std::shared_ptr<const answer_table> table_of(const zone& z,
                                             const std::vector<std::string>& dead = {});

using bytes = std::vector<std::uint8_t>;

/// A query as a resolver sends it: RD, id 0x1234.
bytes make_query(const std::string& name, ldns_rr_type type,
                 ldns_rr_class klass = LDNS_RR_CLASS_IN);
/// With an OPT record.
bytes with_edns(bytes query, std::uint16_t size, std::uint8_t version = 0, bool dnssec_ok = false);

using packet = std::unique_ptr<ldns_pkt, decltype(&ldns_pkt_free)>;
struct answer {
  response done;
  bytes raw;
  packet parsed{nullptr, &ldns_pkt_free};  ///< null: ldns cannot read it

  /// "www.example.test. 1 IN A 10.0.0.1", in the section's order.
  std::vector<std::string> texts(ldns_pkt_section section) const;
  ldns_pkt_rcode code() const { return ldns_pkt_get_rcode(parsed.get()); }
};
answer ask(const answer_table* table, const bytes& query, transport via = transport::udp,
           std::uint32_t turn = 0);

}  // namespace us::dns::test
