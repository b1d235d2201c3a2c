#pragma once
// What a dump finds, piece by piece in the order of the real tool's output. The pieces of a line
// are apart where the tool may end between them. Two forms: text, as DumpLogSegments prints it, and
// one JSON object for all files:
//
//   {"files": [{"file": PATH, "logStartingOffset": N, "batches": [{…, "records": [{…}]}]},
//              {"file": PATH, "entries": [{"offset": N, "position": N}]}],
//    "complaints": ["…"]}
//
// with the names of the text, numbers and booleans as such, and keys and payloads that a decoder
// shows as JSON put in as such.

#include <cstdint>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/wire/record_batch.h"

namespace bsim::dump_log {

// The head of a batch line. Only v2 has a header.
struct BatchHead {
    std::int64_t last_offset = 0;
    std::optional<wire::BatchHeader> header{};
};

struct BatchTail {
    std::size_t position = 0;
    std::string_view timestamp_type{};
    std::int64_t max_timestamp = 0;
    std::size_t size = 0;
    std::int8_t magic = 0;
    std::string_view codec{};
    std::uint32_t crc = 0;
    bool valid = false;
};

struct RecordLine {
    std::int64_t offset = 0;
    std::string_view timestamp_type{};
    std::int64_t timestamp = 0;
    std::int32_t key_size = -1;
    std::int32_t value_size = -1;
    struct Modern {
        std::int32_t sequence = -1;
        std::vector<std::string> header_keys{};
    };
    std::optional<Modern> modern{};  // v2
    struct Legacy {
        bool valid = false;
        std::uint32_t crc = 0;
    };
    std::optional<Legacy> legacy{};  // v0, v1
};

// A transaction marker, or what a quorum writes about itself.
struct EndTxnLine {
    std::string_view type{};
    std::int32_t coordinator_epoch = 0;
};
struct ControlMessageLine {
    std::string_view name{};
    std::string json{};
};
struct ControlTypeLine {
    std::string_view name{};
    std::int16_t id = 0;
};

struct Shown {
    std::string text{};
    bool is_json = false;
};
struct Contents {
    std::optional<Shown> key{};
    std::optional<Shown> payload{};
};

using NamedNumber = std::pair<std::string_view, std::int64_t>;

struct ProducerLine {
    std::int64_t producer_id = 0;
    std::int16_t producer_epoch = 0;
    std::int32_t coordinator_epoch = 0;
    std::optional<std::int64_t> txn_first_offset{};
    std::int64_t last_timestamp = 0;
    struct LastBatch {
        std::int32_t first_sequence = 0;
        std::int32_t last_sequence = 0;
        std::int64_t last_offset = 0;
        std::int32_t offset_delta = 0;
        std::int64_t timestamp = 0;
    };
    std::optional<LastBatch> last_batch{};
};

class Writer {
  public:
    virtual ~Writer() = default;

    virtual void begin_file(const std::string& path) = 0;
    virtual void log_start(std::int64_t offset) = 0;
    virtual void bootstrap_snapshot() = 0;
    virtual void snapshot_end(std::int64_t offset, std::int32_t epoch) = 0;

    virtual void batch_head(const BatchHead& head) = 0;
    virtual void batch_tail(const BatchTail& tail) = 0;

    virtual void begin_record() = 0;
    virtual void record(const RecordLine& line) = 0;
    virtual void control(const EndTxnLine& line) = 0;
    virtual void control(const ControlMessageLine& line) = 0;
    virtual void control(const ControlTypeLine& line) = 0;
    virtual void contents(const Contents& contents) = 0;
    virtual void end_record() = 0;

    virtual void trailing_bytes(std::size_t count, std::string_view file_name) = 0;

    virtual void empty_index(const std::string& path) = 0;
    virtual void passed_sanity_check(const std::string& path) = 0;
    // A line of "name: number" pairs.
    virtual void entry(const std::vector<NamedNumber>& numbers) = 0;
    virtual void producer(const ProducerLine& line) = 0;

    // Nothing follows, whether or not the last piece was whole.
    virtual void finish(const std::vector<std::string>& complaints) = 0;
};

// With `many` the text names each file before what is in it.
// DEVIATION: dump-log prints "Dumping FILE" only if it was given several files.
std::unique_ptr<Writer> text_writer(std::ostream& out, bool many);
std::unique_ptr<Writer> json_writer(std::ostream& out);

}  // namespace bsim::dump_log
