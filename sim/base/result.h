#pragma once
// Result<T, E>: either a value or an error, for what can go wrong outside our own code (a file, an
// encoding, a user's scenario). Reading the absent side is a bug of ours and checked.

#include <utility>
#include <variant>

#include "sim/base/check.h"

namespace bsim {

template <class E>
struct Err {
    E error;
};
template <class E>
Err(E) -> Err<E>;

template <class T, class E>
class [[nodiscard]] Result {
  public:
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    template <class F>
    Result(Err<F> err) : state_(std::in_place_index<1>, std::move(err.error)) {}

    bool ok() const { return state_.index() == 0; }
    explicit operator bool() const { return ok(); }

    T& value() & {
        BSIM_CHECK(ok());
        return std::get<0>(state_);
    }
    const T& value() const& {
        BSIM_CHECK(ok());
        return std::get<0>(state_);
    }
    T&& value() && {
        BSIM_CHECK(ok());
        return std::get<0>(std::move(state_));
    }
    const E& error() const {
        BSIM_CHECK(!ok());
        return std::get<1>(state_);
    }

    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T&& operator*() && { return std::move(*this).value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }

  private:
    std::variant<T, E> state_;
};

// The value of a Result that carries nothing but success.
struct Done {
    bool operator==(const Done&) const = default;
};

}  // namespace bsim

// Evaluates a Result-valued expression; returns its error from the enclosing function, or binds the
// value: BSIM_TRY(auto log, PartitionLog::open(...));
#define BSIM_TRY_CAT2(a, b) a##b
#define BSIM_TRY_CAT(a, b) BSIM_TRY_CAT2(a, b)
#define BSIM_TRY(decl, expr)                                           \
    auto BSIM_TRY_CAT(bsim_try_, __LINE__) = (expr);                   \
    if (!BSIM_TRY_CAT(bsim_try_, __LINE__).ok())                       \
        return ::bsim::Err{BSIM_TRY_CAT(bsim_try_, __LINE__).error()}; \
    decl = std::move(BSIM_TRY_CAT(bsim_try_, __LINE__)).value()
// The same for a Result whose value is not needed.
#define BSIM_TRY_VOID(expr)                              \
    do {                                                 \
        auto bsim_try_result = (expr);                   \
        if (!bsim_try_result.ok())                       \
            return ::bsim::Err{bsim_try_result.error()}; \
    } while (false)
