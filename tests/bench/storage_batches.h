#pragma once
// The record batches that the storage benchmark writes: v2, uncompressed, 16 KiB each, as an
// idempotent producer sends them, so that every one has its own sequences. All are made beforehand;
// together they are larger than the processor's caches.

#include <cstddef>
#include <vector>

#include "sim/base/bytes.h"

namespace bsim::bench {

using Batches = std::vector<SharedBytes>;

inline constexpr std::size_t kBatchBytes = 16 * 1024;

// Batches in the order of their sequences, a millisecond apart. The last record of each is as long
// as it takes to fill the batch.
Batches make_batches(std::size_t count, std::size_t record_bytes);

// The same as a leader has stamped them, `per_set` behind each other: what a follower fetches.
Batches make_fetched(const Batches& batches, std::size_t per_set);

}  // namespace bsim::bench
