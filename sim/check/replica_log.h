#pragma once
// A replica's log as the events tell it: which batches stand where. Batches are known by base
// offset, last offset, leader epoch and crc; two batches that agree in all four hold equal bytes.
// Appends, cuts and recovery are followed exactly; a part that no event told of is a gap.
// What a change throws away is appended to `removed`, in any order.

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/model/ids.h"

namespace bsim {

struct LoggedBatch {
    Offset base;
    Offset last;
    LeaderEpoch epoch;
    std::uint32_t crc = 0;
    // Of an idempotent producer; else -1.
    std::int32_t sequence = -1;  // of the first record
    std::int64_t producer_id = -1;
    std::int16_t producer_epoch = -1;

    // Of the last record; after the largest sequence comes 0. Requires a producer.
    std::int32_t last_sequence() const;

    bool operator==(const LoggedBatch&) const = default;
    // "100..109 of epoch 3 (crc 77)"
    std::string to_string() const;
};

// The newest batch of a producer in a log, and the one before.
struct ProducerTail {
    struct End {
        Offset base;
        std::int32_t last_sequence = -1;
        std::int16_t epoch = -1;
    };
    End newest;
    std::optional<End> before;  // none: the first, or not known
};

class ReplicaLog {
  public:
    // Puts the batch at its offset; what stood there or after it goes.
    void append(const LoggedBatch& batch, std::vector<LoggedBatch>& removed);
    // The log ends at `leo` from now on. A batch that only partly fits goes as a whole. An end past
    // the known one leaves a gap.
    void set_end(Offset leo, std::vector<LoggedBatch>& removed);
    void clear_and_start_at(Offset start, std::vector<LoggedBatch>& removed);
    // Batches below go without a word: their records were deleted, not lost.
    void set_start(Offset start);

    Offset start() const { return start_; }
    Offset end() const { return end_; }
    // In offset order; the first may reach below start().
    const std::vector<LoggedBatch>& batches() const { return batches_; }
    // Index of the first batch that ends at or after `offset`; batches().size() if there is none.
    std::size_t index_at(Offset offset) const;
    // The batch in which the offset stands, or nullptr.
    const LoggedBatch* at(Offset offset) const;
    // The batch right before that of index `i`, or nullptr if it is not known.
    const LoggedBatch* before(std::size_t i) const;
    // nullptr if the log holds none, and none has been deleted below the log start since.
    const ProducerTail* producer(std::int64_t producer_id) const;
    // The very batch is there, or it was there and has been deleted below the log start.
    bool holds(const LoggedBatch& batch) const;

  private:
    void note_producer(const LoggedBatch& batch);
    // After batches from index `first` on of `removed` have gone.
    void look_for_producers(const std::vector<LoggedBatch>& removed, std::size_t first);

    Offset start_;
    Offset end_;
    std::vector<LoggedBatch> batches_;
    std::map<std::int64_t, ProducerTail> producers_;
};

}  // namespace bsim
