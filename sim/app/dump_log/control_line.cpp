#include "sim/app/dump_log/control_line.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "sim/app/dump_log/java_text.h"
#include "sim/app/dump_log/stopped.h"
#include "sim/wire/control_record.h"
#include "sim/wire/message_json.h"
#include "sim/wire/messages/kraft_version_record.h"
#include "sim/wire/messages/snapshot_footer_record.h"
#include "sim/wire/messages/snapshot_header_record.h"
#include "sim/wire/messages/voters_record.h"

namespace bsim::dump_log {
namespace {

using wire::ControlType;

[[noreturn]] void stop(const FileRecord& record, std::string_view what) {
    throw Stopped(fmt::format("the control record at offset {} has {}", record.offset, what));
}

ByteView value_of(const FileRecord& record) {
    if (!record.value)
        stop(record, "no value");
    return *record.value;
}

template <class Message>
void show_message(const FileRecord& record, std::string_view name, Writer& writer) {
    Message message;
    ByteReader in(value_of(record));
    wire::decode(in, Message::kMinVersion, message);
    if (in.failed())
        stop(record, fmt::format("a value that is no {}", name));
    const auto json = wire::to_json(message, Message::kMinVersion);
    writer.control(ControlMessageLine{name, jackson_text(json)});
}

void show_marker(const FileRecord& record, ControlType type, Writer& writer) {
    const auto epoch = wire::parse_end_txn_marker(value_of(record));
    if (!epoch)
        stop(record, "a value that is no transaction marker");
    writer.control(EndTxnLine{wire::name(type), *epoch});
}

}  // namespace

void show_control(const FileRecord& record, Writer& writer) {
    const auto type = record.key ? wire::parse_control_key(*record.key) : std::nullopt;
    if (!type)
        stop(record, "a key that does not tell its type");
    switch (*type) {
        case ControlType::Abort:
        case ControlType::Commit:
            return show_marker(record, *type, writer);
        case ControlType::SnapshotHeader:
            return show_message<wire::SnapshotHeaderRecord>(record, "SnapshotHeader", writer);
        case ControlType::SnapshotFooter:
            return show_message<wire::SnapshotFooterRecord>(record, "SnapshotFooter", writer);
        case ControlType::KRaftVersion:
            return show_message<wire::KRaftVersionRecord>(record, "KRaftVersion", writer);
        case ControlType::KRaftVoters:
            return show_message<wire::VotersRecord>(record, "KRaftVoters", writer);
        case ControlType::LeaderChange:
        case ControlType::Unknown:
            break;
    }
    const auto id = load_be<std::int16_t>(record.key->data() + sizeof(std::int16_t));
    writer.control(ControlTypeLine{wire::name(*type), id});
}

}  // namespace bsim::dump_log
