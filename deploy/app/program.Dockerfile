ARG BASE
FROM ${BASE}
COPY grader/ /opt/grader/
RUN python3 -m compileall -q -j 0 --invalidation-mode unchecked-hash /opt/grader/grader
ENV PYTHONPATH=/opt/grader PYTHONDONTWRITEBYTECODE=1 GRADER_HOME=/var/lib/grader HOME=/tmp
WORKDIR /opt/grader
USER 10001:10001
ENTRYPOINT ["python3", "-m", "grader.cli"]
