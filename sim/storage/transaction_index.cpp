#include "sim/storage/transaction_index.h"

#include <array>

#include "sim/storage/atomic_file.h"

namespace bsim {
namespace {

std::array<std::uint8_t, TransactionIndex::kEntrySize> encode(const AbortedTxn& txn) {
    std::array<std::uint8_t, TransactionIndex::kEntrySize> bytes{};
    store_be(&bytes[0], std::int16_t{0});
    store_be(&bytes[2], txn.producer.value());
    store_be(&bytes[10], txn.first_offset.value());
    store_be(&bytes[18], txn.last_offset.value());
    store_be(&bytes[26], txn.last_stable_offset.value());
    return bytes;
}

}  // namespace

Stored<TransactionIndex> TransactionIndex::open(Disk& disk, const std::string& path, Offset base) {
    TransactionIndex index(disk, path, base);
    BSIM_TRY(const bool present, disk.exists(path));
    if (!present)
        return index;
    BSIM_TRY(const std::string content, read_file(disk, path));
    const auto corrupt = [&](const char* what) {
        return Err{StorageError{StorageErrorKind::Corrupt, path, what}};
    };
    if (content.size() % kEntrySize != 0)
        return corrupt("length is no multiple of 34");
    ByteReader in(as_bytes(content));
    while (in.remaining() > 0) {
        if (in.take_i16() > 0)
            return corrupt("unknown version");
        AbortedTxn txn;
        txn.producer = ProducerId(in.take_i64());
        txn.first_offset = Offset(in.take_i64());
        txn.last_offset = Offset(in.take_i64());
        txn.last_stable_offset = Offset(in.take_i64());
        if (txn.last_offset < base)
            return corrupt("entry below the segment");
        if (!index.entries_.empty() && txn.last_offset <= index.entries_.back().last_offset) {
            return corrupt("entries do not rise");
        }
        index.entries_.push_back(txn);
    }
    return index;
}

TransactionIndex TransactionIndex::unread(Disk& disk, const std::string& path, Offset base) {
    return TransactionIndex(disk, path, base);
}

Stored<Done> TransactionIndex::append(const AbortedTxn& txn) {
    if (!entries_.empty() && txn.last_offset <= entries_.back().last_offset) {
        return Err{StorageError{StorageErrorKind::Corrupt, path_, "markers do not rise"}};
    }
    if (!file_.is_open()) {
        BSIM_TRY(file_, File::open(*disk_, path_, OpenMode::Create));
    }
    BSIM_TRY_VOID(file_.write(entries_.size() * kEntrySize, encode(txn)));
    entries_.push_back(txn);
    return Done{};
}

TransactionIndex::Search TransactionIndex::collect(Offset from, Offset upper_bound) const {
    Search search;
    for (const AbortedTxn& txn : entries_) {
        if (txn.last_offset >= from && txn.first_offset < upper_bound)
            search.found.push_back(txn);
        if (txn.last_stable_offset >= upper_bound) {
            search.complete = true;
            break;
        }
    }
    return search;
}

Stored<Done> TransactionIndex::truncate_to(Offset offset) {
    const std::size_t before = entries_.size();
    while (!entries_.empty() && entries_.back().last_offset >= offset)
        entries_.pop_back();
    if (entries_.size() == before)
        return Done{};
    if (!file_.is_open()) {
        BSIM_TRY(file_, File::open(*disk_, path_, OpenMode::Create));
    }
    return file_.resize(entries_.size() * kEntrySize);
}

Stored<Done> TransactionIndex::reset() {
    entries_.clear();
    BSIM_TRY(const bool present, disk_->exists(path_));
    if (!present)
        return Done{};
    BSIM_TRY(file_, File::open(*disk_, path_, OpenMode::Truncate));
    return Done{};
}

Stored<Done> TransactionIndex::sync() {
    if (!file_.is_open())
        return Done{};
    return file_.sync();
}

}  // namespace bsim
