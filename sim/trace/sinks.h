#pragma once
// Where events and text go. Sinks listen; nothing that a sink does can reach the run.

#include <string_view>

#include "sim/trace/event.h"

namespace bsim {

// Told of each recorded event, in order of numbers. It must not emit. `canonical` is the event as
// the hash sees it: `"t":…,"n":"…","k":"…","a":{…}`, valid only during the call.
class EventSink {
  public:
    virtual ~EventSink() = default;
    virtual void on(const Event& event, std::string_view canonical) = 0;
};

// Takes text piece by piece: a file, a pipe, a string in a test.
class TextSink {
  public:
    virtual ~TextSink() = default;
    virtual void write(std::string_view text) = 0;
};

class StringSink : public TextSink {
  public:
    void write(std::string_view text) override { text_ += text; }
    const std::string& text() const { return text_; }

  private:
    std::string text_;
};

}  // namespace bsim
