#include <algorithm>
#include <bit>
#include <fmt/format.h>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "sim/app/dump_log/decoder.h"
#include "sim/app/dump_log/java_text.h"
#include "sim/app/dump_log/stopped.h"
#include "sim/wire/messages/transaction_log_key.h"
#include "sim/wire/messages/transaction_log_value.h"

namespace bsim::dump_log {
namespace {

using wire::TransactionLogKey;
using wire::TransactionLogValue;

constexpr std::string_view kStates[] = {"Empty",        "Ongoing",          "PrepareCommit",
                                        "PrepareAbort", "CompleteCommit",   "CompleteAbort",
                                        "Dead",         "PrepareEpochFence"};

// The partitions of a transaction in the order of Scala 2.13's mutable.HashSet, into which the tool
// puts them topic by topic: by slot of the table, and by hash within a slot.
class ScalaHashSet {
  public:
    // `fresh` holds no equal elements.
    void add_all(const std::string& topic, const std::vector<std::int32_t>& fresh) {
        grow_to(slots_for(fresh.size()));
        for (const std::int32_t partition : fresh) {
            // More than four elements come as a HashSet, which is taken over without a look at the
            // table's size.
            if (fresh.size() <= kSmallSet && items_.size() + 1 >= slots_ * 3 / 4)
                slots_ *= 2;
            if (seen_.emplace(topic, partition).second)
                items_.push_back(Item{hash_of(topic, partition), topic, partition});
        }
    }

    std::string text() const {
        std::vector<const Item*> order;
        for (const Item& item : items_)
            order.push_back(&item);
        const auto rank = [&](const Item* item) {
            const auto slot = static_cast<std::uint32_t>(item->hash) & (slots_ - 1);
            return std::tuple(slot, item->hash);
        };
        std::stable_sort(order.begin(), order.end(),
                         [&](const Item* a, const Item* b) { return rank(a) < rank(b); });
        std::string text;
        for (const Item* item : order) {
            text += text.empty() ? "" : ",";
            text += fmt::format("{}-{}", item->topic, item->partition);
        }
        return text;
    }

  private:
    static constexpr std::size_t kSmallSet = 4;

    struct Item {
        std::int32_t hash = 0;
        std::string topic;
        std::int32_t partition = 0;
    };

    // TopicPartition.hashCode, with its high half mixed in.
    static std::int32_t hash_of(const std::string& topic, std::int32_t partition) {
        const std::uint32_t hash = 31 * (31 + static_cast<std::uint32_t>(partition)) +
                                   static_cast<std::uint32_t>(string_hash(topic));
        return static_cast<std::int32_t>(hash ^ (hash >> 16U));
    }
    static std::uint32_t slots_for(std::size_t count) {
        const auto wanted = static_cast<std::uint32_t>((count + 1) * 4 / 3);
        return std::bit_floor(std::max(wanted - 1, 4U)) * 2;
    }
    void grow_to(std::uint32_t slots) { slots_ = std::max(slots_, slots); }

    std::uint32_t slots_ = 16;
    std::vector<Item> items_;  // in the order in which they came
    std::set<std::pair<std::string, std::int32_t>> seen_;
};

[[noreturn]] void stop(const FileRecord& record, std::string_view what) {
    throw Stopped(
        fmt::format("the transaction log's record at offset {} has {}", record.offset, what));
}

template <class Message>
bool has_version(std::int16_t version) {
    return version >= Message::kMinVersion && version <= Message::kMaxVersion;
}

std::int16_t take_version(ByteReader& in, const FileRecord& record) {
    const std::int16_t version = in.take_i16();
    if (in.failed())
        stop(record, "less than a version");
    return version;
}

std::vector<std::int32_t> without_repeats(const std::vector<std::int32_t>& numbers) {
    std::set<std::int32_t> seen;
    std::vector<std::int32_t> once;
    for (const std::int32_t number : numbers) {
        if (seen.insert(number).second)
            once.push_back(number);
    }
    return once;
}

std::string show_value(const FileRecord& record) {
    ByteReader in(*record.value);
    const std::int16_t version = take_version(in, record);
    if (!has_version<TransactionLogValue>(version))
        stop(record, fmt::format("a value of unknown version {}", version));
    TransactionLogValue value;
    wire::decode(in, version, value);
    if (in.failed())
        stop(record, "a damaged value");
    const int status = value.transaction_status;
    if (status < 0 || status >= static_cast<int>(std::size(kStates)))
        stop(record, fmt::format("the unknown transaction state {}", status));

    ScalaHashSet partitions;
    if (status != 0) {
        if (!value.transaction_partitions)
            stop(record, "no partitions, but is not empty");
        for (const auto& of_topic : *value.transaction_partitions) {
            partitions.add_all(java_utf8(as_bytes(of_topic.topic)),
                               without_repeats(of_topic.partition_ids));
        }
    }
    return fmt::format(
        "producerId:{},producerEpoch:{},state={},partitions=[{}],txnLastUpdateTimestamp={},"
        "txnTimeoutMs={}",
        value.producer_id, value.producer_epoch, kStates[status], partitions.text(),
        value.transaction_last_update_timestamp_ms, value.transaction_timeout_ms);
}

}  // namespace

Contents decode_transaction_log(const FileRecord& record) {
    if (!record.key)
        stop(record, "no key");
    Contents contents;
    ByteReader in(*record.key);
    const std::int16_t version = take_version(in, record);
    if (!has_version<TransactionLogKey>(version)) {
        contents.key = Shown{fmt::format("unknown::version={}", version)};
        return contents;
    }
    TransactionLogKey key;
    wire::decode(in, version, key);
    if (in.failed())
        stop(record, "a damaged key");
    contents.key = Shown{fmt::format("transaction_metadata::transactionalId={}",
                                     java_utf8(as_bytes(key.transactional_id)))};
    require_value(record);
    contents.payload = Shown{record.value ? show_value(record) : "<DELETE>"};
    return contents;
}

}  // namespace bsim::dump_log
