#include "sim/app/dump_log/decoder.h"

#include <fmt/format.h>

#include "sim/app/dump_log/java_text.h"
#include "sim/app/dump_log/stopped.h"

namespace bsim::dump_log {
namespace {

Contents decode_plain(const FileRecord& record) {
    require_value(record);
    Contents contents;
    if (record.key)
        contents.key = Shown{java_utf8(*record.key)};
    if (record.value)
        contents.payload = Shown{java_utf8(*record.value)};
    return contents;
}

}  // namespace

void require_value(const FileRecord& record) {
    if (!record.value_error.empty()) {
        throw Stopped(fmt::format("the value of the record at offset {}: {}", record.offset,
                                  record.value_error));
    }
}

Contents decode(Decoder decoder, const FileRecord& record) {
    switch (decoder) {
        case Decoder::Plain:
            return decode_plain(record);
        case Decoder::Offsets:
            return decode_offsets(record);
        case Decoder::TransactionLog:
            return decode_transaction_log(record);
        case Decoder::ClusterMetadata:
            return decode_cluster_metadata(record);
    }
    return {};
}

}  // namespace bsim::dump_log
