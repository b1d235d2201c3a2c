#pragma once
// A move-only `void()` callable stored in place: scheduling an event allocates nothing. A callable
// larger than the buffer does not compile; put its body behind a unique_ptr.

#include <array>
#include <concepts>
#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>

namespace bsim {

class InlineFunction {
  public:
    static constexpr std::size_t kCapacity = 48;
    static constexpr std::size_t kAlignment = alignof(void*);

    InlineFunction() = default;
    template <class F>
    requires(!std::is_same_v<std::decay_t<F>, InlineFunction>) InlineFunction(F&& f) {
        emplace(std::forward<F>(f));
    }
    InlineFunction(InlineFunction&& other) noexcept { take(other); }
    InlineFunction& operator=(InlineFunction&& other) noexcept {
        if (this != &other) {
            reset();
            take(other);
        }
        return *this;
    }
    InlineFunction(const InlineFunction&) = delete;
    InlineFunction& operator=(const InlineFunction&) = delete;
    ~InlineFunction() { reset(); }

    // Replaces nothing: of an empty InlineFunction only.
    template <class F>
    void emplace(F&& f) {
        using Callable = std::decay_t<F>;
        if constexpr (std::is_same_v<Callable, InlineFunction>) {
            static_assert(!std::is_lvalue_reference_v<F>, "moved, never copied");
            take(f);
        } else {
            static_assert(sizeof(Callable) <= kCapacity,
                          "capture less, or own the body by pointer");
            static_assert(alignof(Callable) <= kAlignment);
            static_assert(std::is_nothrow_move_constructible_v<Callable>);
            ::new (buffer_.data()) Callable(std::forward<F>(f));
            ops_ = &kOps<Callable>;
        }
    }

    explicit operator bool() const { return ops_ != nullptr; }
    void operator()() { ops_->call(buffer_.data()); }

    // Calls it for the last time and empties it: one indirect call in place of two.
    void call_and_reset() { std::exchange(ops_, nullptr)->call_and_destroy(buffer_.data()); }

    void reset() {
        if (ops_ != nullptr)
            std::exchange(ops_, nullptr)->destroy(buffer_.data());
    }

  private:
    template <class F>
    struct Destroyer {
        F* callable;
        ~Destroyer() { callable->~F(); }
    };
    struct Ops {
        void (*call)(void*);
        void (*move_to)(void* from, void* to);  // leaves `from` destroyed
        void (*destroy)(void*);
        void (*call_and_destroy)(void*);
    };
    template <class F>
    static constexpr Ops kOps{
        [](void* f) { (*static_cast<F*>(f))(); },
        [](void* from, void* to) {
            ::new (to) F(std::move(*static_cast<F*>(from)));
            static_cast<F*>(from)->~F();
        },
        [](void* f) { static_cast<F*>(f)->~F(); },
        [](void* f) {
            const Destroyer<F> last{static_cast<F*>(f)};
            (*last.callable)();
        },
    };

    void take(InlineFunction& other) {
        if (other.ops_ == nullptr)
            return;
        ops_ = std::exchange(other.ops_, nullptr);
        ops_->move_to(other.buffer_.data(), buffer_.data());
    }

    const Ops* ops_ = nullptr;
    alignas(kAlignment) std::array<std::byte, kCapacity> buffer_;
};

}  // namespace bsim
