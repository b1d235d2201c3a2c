#pragma once
// What the options of dump-log ask for. They may be given for any file; one that has no meaning for
// a kind of file changes nothing there.

#include <cstdint>

namespace bsim::dump_log {

// How the keys and values of a log's records are shown.
enum class Decoder : std::uint8_t {
    Plain,           // as UTF-8
    Offsets,         // __consumer_offsets
    TransactionLog,  // __transaction_state
    ClusterMetadata,
};

struct Options {
    bool print_data_log = false;  // keys and values; a decoder asks for them too
    bool deep_iteration = false;  // the records of each batch; printing implies it
    bool skip_record_metadata = false;
    bool index_sanity_check = false;  // only what a broker checks at startup
    bool verify_index_only = false;   // indexes: complaints but no entries
    Decoder decoder = Decoder::Plain;
    std::int32_t max_message_bytes = 5 * 1024 * 1024;  // read at an index entry's position
    std::int32_t max_bytes = INT32_MAX;                // read from the front of a log
    bool json = false;

    bool prints_contents() const { return print_data_log || decoder != Decoder::Plain; }
    bool goes_deep() const { return deep_iteration || prints_contents(); }
};

}  // namespace bsim::dump_log
