#pragma once
// The sink that writes trace.jsonl: one header line, then one line an event.

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "sim/trace/sinks.h"

namespace bsim {

struct TraceHeader {
    std::string scenario;
    std::uint64_t seed = 0;

    bool operator==(const TraceHeader&) const = default;
};

// `{"brokersim":1,"scenario":"leader-failover","seed":42,"clock":"ns"}`, without a line feed.
std::string header_line(const TraceHeader& header);

class JsonLinesWriter : public EventSink {
  public:
    // Writes the header at once. `kinds` are those to write (`record.events`); empty means all.
    JsonLinesWriter(TextSink& out,
                    const TraceHeader& header,
                    std::set<std::string, std::less<>> kinds);
    ~JsonLinesWriter() override;
    JsonLinesWriter(const JsonLinesWriter&) = delete;
    JsonLinesWriter& operator=(const JsonLinesWriter&) = delete;

    void on(const Event& event, std::string_view canonical) override;
    // Hands what is buffered to the text sink; the destructor does so too.
    void flush();

    // How much there is until now, buffered or not.
    std::uint64_t bytes() const { return flushed_ + buffer_.size(); }
    std::uint64_t lines() const { return lines_; }

  private:
    TextSink& out_;
    std::set<std::string, std::less<>> kinds_;
    std::string buffer_;
    std::uint64_t flushed_ = 0;  // bytes
    std::uint64_t lines_ = 1;
};

}  // namespace bsim
