#pragma once
// Takes the value of a storage operation that the simulated machine cannot fail: if it does fail,
// the real disk below refused (full, unwritable), and the run ends with an I/O error (exit code 6).
// Simulated disk failures will come as values instead.

#include <utility>

#include "sim/base/host_error.h"
#include "sim/storage/storage_error.h"

namespace bsim {

template <class T>
T must(Stored<T> result) {
    if (!result.ok())
        throw HostError(result.error().to_string());
    return std::move(result).value();
}

}  // namespace bsim
