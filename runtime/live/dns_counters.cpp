#include "runtime/live/dns_counters.hpp"

#include <utility>

namespace us {

namespace {

std::string name_of(std::size_t code) {
  switch (static_cast<dns::rcode>(code)) {
    case dns::rcode::no_error: return "NOERROR";
    case dns::rcode::form_error: return "FORMERR";
    case dns::rcode::server_failure: return "SERVFAIL";
    case dns::rcode::name_error: return "NXDOMAIN";
    case dns::rcode::not_implemented: return "NOTIMP";
    case dns::rcode::refused: return "REFUSED";
    case dns::rcode::bad_version: return "BADVERS";
  }
  return "";
}

}  // namespace

dns_counters::dns_counters(metrics& into, const std::string& transport) {
  queries_total_ = into.make_counter("understudy_dns_queries_total", "Packets from DNS clients",
                                     {{"transport", transport}});
  truncated_total_ = into.make_counter("understudy_dns_truncated_total", "Answers that did not fit",
                                       {{"transport", transport}});
  limited_total_ = into.make_counter("understudy_dns_limited_total",
                                     "Queries beyond the rate limit of their source");
  for (std::size_t i = 0; i < code_count; ++i)
    if (auto name = name_of(i); !name.empty())
      codes_total_[i] =
          into.make_counter("understudy_dns_responses_total", "Responses by their code",
                            {{"transport", transport}, {"code", name}});
}

void dns_counters::move(std::uint64_t& from, metrics::counter& into) {
  if (from != 0) into.add(static_cast<double>(std::exchange(from, 0)));
}

void dns_counters::flush() {
  move(queries_, queries_total_);
  move(truncated_, truncated_total_);
  move(limited_, limited_total_);
  for (std::size_t i = 0; i < code_count; ++i) move(codes_[i], codes_total_[i]);
}

}  // namespace us
